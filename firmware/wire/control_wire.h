/* What the command line and the link say to loquetd: one JSON object a packet over SOCK_SEQPACKET
 * sockets in the runtime folder, at most LQ_CONTROL_MESSAGE_MAX bytes, UTF-8.
 *
 * control.sock (mode 0660): the operator's command line. A request names what to `do`; the answer
 * is
 * {"ok":true,…} or {"ok":false,"error":"<word>","text":"<sentence>"} with a word from
 * invalid | not_found | exists | full | busy | timeout | io | unsupported.
 * A change that the disk has not taken within five seconds is answered with io, and made when it
 * does. What takes a right away holds at once. When every place is taken, a newcomer gets that of
 * whoever has been silent longest and neither watches nor waits for an answer.
 *
 *   {"do":"status"}
 *   {"do":"member.add","name":"Ada Example","profile":"always"}    -> {"ok":true,"member":1}
 *       "any_time":true: the schedules of the profile do not bind the member; "extended_time":true:
 *       the doors' extended times are theirs. Both may be left out.
 *   {"do":"member.set","member":1,"any_time":false,"extended_time":true}    at least one of both
 *   {"do":"member.disable","member":1}      {"do":"member.enable","member":1}
 *   {"do":"badge.enrol","member":1,"uid":"04a1b2c3d4e5f6","valid_from":0,"valid_to":0}
 *                                                                  -> {"ok":true,"badge":1}
 *       without "uid": the next badge tapped within "timeout_s" (default 30), at "reader" if given.
 *       Answers {"ok":true,"waiting":true} at once and {"ok":true,"badge":1} after the tap.
 *       valid_*: Unix seconds, 0 or absent: no bound. "uses":10: so many granted taps;
 *       "valid_for_h":720: so many hours from the first of them. Absent or null: no limit.
 *   {"do":"badge.set","badge":1,"uses":10,"valid_for_h":null}      at least one of both
 *   {"do":"badge.revoke","badge":1}         {"do":"badge.lost","badge":1}
 *       likewise badge.suspend, badge.stolen, badge.returned, badge.damaged; badge.enable undoes
 *       any. badge.suspend may have "until":1796108400, when it ends by itself.
 *   {"do":"maintainer.tap","salt":"<32 hexadecimal digits>"}
 *       waits for a badge as badge.enrol does, and answers {"ok":true,"hash":"<32 digits>"}.
 *   {"do":"maintainer.read"}                the file of the maintainers is read again
 *   {"do":"profile.set","name":"days","policies":[{"access_point":"front/entry","schedule":"office"}]}
 *       access_point "*" is every one; no schedule: always. The profile "always" is built in.
 *   {"do":"schedule.set","name":"office","periods":[[480,1200],[1920,2640]]}
 *       minutes since Monday 00:00 local time, [from, to).
 *       "special":[{"group":"holidays","periods":[]},{"group":"eves","periods":[[480,720]]}]
 *       what replaces the week on the days of a group, in minutes since 00:00; none: closed.
 *   {"do":"day.add","name":"holidays","month":12,"day":25,"label":"Christmas"}
 *       "name" is the group; with "year" on that date alone.
 *   {"do":"day.remove","name":"holidays","year":2026,"month":5,"day":15}
 *   {"do":"door.open","door":"front","extended":false}
 *       busy when the door is Blocked or LockedDown. extended: the longer times; may be left out.
 *   {"do":"door.mode","door":"front","mode":"Blocked"}
 *       Locked, Unlocked, Blocked, LockedDown or LockedOpen; kept over restarts.
 *   {"do":"door.hours","door":"front","schedule":"office","first_person":false}
 *       the door stands Unlocked in the periods of the schedule (core/hours.h); null: no longer.
 *   {"do":"door.prop","door":"front","minutes":30}
 *       0 to LQ_PROP_MINUTES_MAX: may stand open so long without an alarm; 0: no longer.
 *   {"do":"door.fire_confirm","door":"front"}
 *       busy while the fire input is active, not_found when there was no fire.
 *   {"do":"onsite","after":[0,17]}          who is in by the badges, LQ_ONSITE_PAGE at a time:
 *       {"ok":true,"at":"…","frozen_at":null,"zones":[{"number":0,"zone":"space","exits_badged":true}],
 *       "people":[[zone's number, member, since when in Unix milliseconds]],"unlisted":0,
 *       "more":false}. after: the zone and member that the last page ended with; absent: from the
 *       start. unlisted: who found no room on the list.
 *       with "frozen":true as it was when a fire began, at "frozen_at"; not_found where no fire
 *       waits to be confirmed.
 *   {"do":"passback.forgive","member":1}    the next entry is not judged; not_found when not in
 *   {"do":"journal.replay","from":17}       the link publishes again from that row on
 *   {"do":"roster.import","what":"members","dry_run":false,"disable_missing":false}
 *       "what" may be "badges". A descriptor comes along (SCM_RIGHTS): a sealed memory file of
 *       struct lq_roster_row (firmware/store/roster_row.h); with dry_run a second, a memory file
 *       that gets the outcomes (firmware/store/import.h). Answered when it is over, within ten
 *       minutes: {"ok":true,"added":2,"changed":1,"unchanged":0,"missing":3,"disabled":0}, or
 *       invalid with "problem", "line", "column" (of the table, from 0) and "id" of the first row
 *       that does not fit; busy when the roster was changed meanwhile.
 *   {"do":"watch"}                          -> {"ok":true,"watching":true}, then
 *       {"seq":18,"event":{…the body…}} for every journal row but the checkpoints, which are
 *       sealed where they are written: who wants those reads the journal.
 *
 * link.sock (mode 0660): the link. loquetd says {"head":<seq>} when rows were added and
 * {"replay":<seq>} when an operator asked; the link says {"link":"connected"|"disconnected",
 * "text":"…"} and {"skipped":<seq>,"text":"<why>"} and {"cursor":<seq>}.
 * loquetd also says {"health":{…}} when the link comes, when something changed and every health_s:
 * what schemas/health.json says, but for what the link knows itself; and {"occupancy":{…}} when the
 * link comes and within a second of a change: what schemas/occupancy.json says, but for "loquetd".
 * Where the office keeps the roster, the link says {"roster":"manifest"}, and "current":true when
 * it is the last that the broker has, with its signature in a memory file that comes along
 * (SCM_RIGHTS), and is answered with
 * {"roster":{"version":1764000000000,"missing":[0,17]}}: the parts that loquetd has not. When it
 * has them all, it says {"roster":"parts"}, with a sealed memory file (store/office_draft.h). The
 * link carries signed commands: {"id":7,"order":"<compact JWS>"} is answered, sooner or later, with
 * {"id":7,"answer":{"ok":true,"command":"door.open","jti":"…"}} or
 * {"id":7,"answer":{"ok":false,"error":"refused","reason":"<word of core/order.def>","text":"…"}}.
 * What it refuses itself it tells in numbers, for the journal: {"refused":"malformed","count":3},
 * or retained, response_topic, unreachable, too_many; of Home Assistant's lock also wrong_door,
 * expired and not_possible; and nothing of what was sent.
 */
#ifndef LQ_WIRE_CONTROL_WIRE_H
#define LQ_WIRE_CONTROL_WIRE_H

/* The answer, with busy, to a change of the roster that the office keeps. */
#define LQ_CONTROL_OFFICE_TEXT "the office keeps the roster: change it there"

#define LQ_CONTROL_SOCKET      "control.sock"
#define LQ_LINK_SOCKET         "link.sock"
#define LQ_CONTROL_MESSAGE_MAX 16384u
#define LQ_PROP_MINUTES_MAX    1440
#define LQ_ONSITE_PAGE         300u

#endif
