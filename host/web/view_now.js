// Now: who is in, how full it is, the doors, and what is wrong.

import { button, h, icon, table, tag } from "./dom.js";
import { call, command, get, session } from "./api.js";
import { t, word } from "./words.js";
import { length, time } from "./when.js";
import { who } from "./who.js";
import { askReason } from "./view_login.js";
import { refresh, repaint, say } from "./app.js";

const NEW_MS = 8000;
const recent = [];

const KINDS = ["member", "guest", "staff"];
const CAPACITY = { ok: ["ok", "ok"], soft: ["warn", "warn"], legal: ["bad", "alarm"] };

function bar(zone) {
	const { soft, legal } = zone.capacity ?? {};
	const most = Math.max(legal ?? 0, soft ?? 0);
	if (!most) {
		return null;
	}
	const width = Math.min(100, (100 * zone.count) / most);
	return h("svg", { class: "bar " + zone.capacity.state, viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
		h("rect", { class: "track", width: 100, height: 4, rx: 1 }),
		h("rect", { class: "full", width, height: 4, rx: 1 }),
		soft && soft < most && h("line", { x1: (100 * soft) / most, x2: (100 * soft) / most, y1: 0, y2: 4 }));
}

function people(zone) {
	return table(t("now.present", zone.zone), [
		{ head: t("name"), row: true, cell: (one) => [
			one.name ?? h("span", { class: "quiet" }, who(one, one.hidden ? t("now.hidden") : undefined)),
			one.host && h("span", { class: "quiet" }, " ", t("now.guest_of", who({ name: one.hostName, person: one.host }))),
			one.hostLeft && tag(t("now.host_left"), "warn"),
			one.hidden && h("span", { class: "sign" }, icon("hidden"), h("span", { class: "unseen" }, t("hidden"))),
			recent.some((news) => news.person === one.person && news.kind === "arrived") && tag(t("now.just"), "ok"),
		] },
		{ head: t("kind"), cell: (one) => word("kind", one.kind) },
		{ head: t("since"), class: "n", cell: (one) => time(one.since) },
		{ head: t("for"), class: "n quiet", cell: (one) => length(one.since) },
	], zone.present, { key: (one) => one.person ?? one.since, none: t("now.nobody") });
}

function counted(zone, kind) {
	return zone[kind === "staff" ? kind : kind + "s"] ?? 0;
}

// The one zone of a space is the space: where it has no limits of its own, the space's are shown.
function withLimits(zone, { zones, total }) {
	const own = zone.capacity?.soft || zone.capacity?.legal;
	return own || zones.length > 1 || !total ? zone : { ...zone, capacity: total.capacity };
}

function totalCard(total) {
	return h("section", { class: "card", "data-key": "total", "aria-labelledby": "total" },
		h("h2", { id: "total" }, t("now.total")), counts(total));
}

function zoneCard(zone) {
	return h("section", { class: "card", "data-key": "zone-" + zone.zone, "aria-labelledby": "zone-" + zone.zone },
		h("h2", { id: "zone-" + zone.zone }, zone.zone), counts(zone),
		(zone.present.length > 0 || zone.count === 0) && people(zone));
}

function counts(zone) {
	const [tone, sign] = CAPACITY[zone.capacity?.state] ?? CAPACITY.ok;
	const { soft, legal } = zone.capacity ?? {};
	return [
		h("p", { class: "count" },
			zone.atLeast && h("span", { class: "least" }, t("now.atleast"), " "),
			h("strong", null, String(zone.count)),
			h("span", null, " ", t(zone.count === 1 ? "now.person" : "now.people"))),
		bar(zone),
		h("p", { class: "facts" },
			legal ? h("span", null, t("now.of", legal)) : null,
			soft ? h("span", null, t("now.soft", soft)) : null,
			legal || soft ? tag(word("capacity", zone.capacity.state), tone, sign) : null),
		h("ul", { class: "kinds" }, KINDS.map((kind) =>
			h("li", null, h("strong", null, String(counted(zone, kind))), " ", t((counted(zone, kind) === 1 && kind !== "staff" ? "kind." : "kinds.") + kind))))];
}

export function doorName(door) {
	return door.door;
}

const MODE = {
	Locked: ["quiet", "locked"], Accessed: ["ok", "unlocked"], Unlocked: ["warn", "unlocked"], Blocked: ["warn", "off"],
	LockedDown: ["bad", "alarm"], LockedOpen: ["warn", "unlocked"],
};

export function modeTag(door) {
	const [tone, sign] = MODE[door.mode] ?? ["quiet", undefined];
	return tag([said("mode"), t("mode." + (MODE[door.mode] ? door.mode : "unknown"))], tone, sign);
}

// What the eye tells by the place it stands in.
function said(key) {
	return h("span", { class: "unseen" }, t(key), t("colon"));
}

export function seenTag(door) {
	return tag([said("doors.observed"), seen(door)]);
}

export function seen(door) {
	const open = door.physical ?? door.contact ?? "unknown";
	return t("physical." + (["open", "closed"].includes(String(open).toLowerCase()) ? String(open).toLowerCase() : "unknown"));
}

export function alarmsOf(door) {
	const alarms = door.alarms ?? [];
	return Array.isArray(alarms) ? alarms : Object.keys(alarms).filter((name) => alarms[name]);
}

export function openDoor(door) {
	askReason(t("open.title", doorName(door)), {
		submit: t("open.do"), explain: t("open.help"),
		suggestions: [t("open.post"), t("open.visitor"), t("open.forgot"), t("open.delivery")],
		send: async ({ reason }) => {
			await command(`doors/${encodeURIComponent(door.controller)}/${encodeURIComponent(door.door)}/open`, { reason });
			say(t("open.done", doorName(door)));
		},
	});
}

const MODES = ["Locked", "Unlocked", "Blocked", "LockedDown", "LockedOpen"];

export function changeMode(door) {
	askReason(t("mode.title", doorName(door)), {
		submit: t("mode.do"), explain: t("mode.help"),
		fields: [h("div", { class: "field", "data-field": "mode" },
			h("label", { for: "mode" }, t("mode")),
			h("select", { id: "mode", name: "mode" }, MODES.map((mode) =>
				h("option", { value: mode, selected: mode === door.mode }, t("mode." + mode)))),
			h("p", { class: "wrong", id: "mode-wrong" }))],
		send: async ({ mode, reason }) => {
			await command(`doors/${encodeURIComponent(door.controller)}/${encodeURIComponent(door.door)}/mode`, { mode, reason });
			say(t("mode.done", doorName(door), t("mode." + mode)));
		},
	});
}

function doorRow(door) {
	const alarms = alarmsOf(door);
	return h("li", { class: "door", "data-key": door.controller + "/" + door.door },
		h("h3", null, doorName(door), door.zone && h("span", { class: "quiet" }, " ", door.zone)),
		h("p", { class: "tags" },
			door.online === false ? tag(t("door.offline"), "warn", "off") : null,
			modeTag(door), seenTag(door),
			alarms.map((alarm) => tag(word("alarm", alarm), alarm === "pre_alarm" ? "warn" : "bad"))),
		session.scopes.has("doors") && button(t("open"), () => openDoor(door), {
			sign: "unlocked", name: t("open.title", doorName(door)), disabled: door.online === false,
		}));
}

export function readersOf(door) {
	return Array.isArray(door.reader) ? door.reader : door.readers ?? (door.reader ? [door.reader] : []);
}

// Without it the doors go on by themselves, and nothing that is shown of them is new.
export function brokerLine(broker) {
	return broker === false && h("p", { class: "refusal", "data-key": "broker", role: "alert" }, icon("off"), t("broker.away"));
}

// What is wrong with the clock and the log that a door's controller keeps.
export function boardTroubles(door) {
	return [
		door.clock === "unset" && ["clock", t("trouble.clock")],
		["slow", "stalled"].includes(door.journal) && ["journal", t("trouble." + door.journal)],
		(door.chainBroken ?? null) !== null && ["chain", t("trouble.chain", door.chainBroken)],
		door.missing > 0 && ["missing", t(door.missing === 1 ? "trouble.missing_one" : "trouble.missing", door.missing)],
	].filter(Boolean);
}

// Every door of a controller has the same clock and log: they are told of once.
function troublesOf(doors) {
	return doors.flatMap((door, index) => [
		...readersOf(door).filter(({ state }) => state && state !== "online").map(({ name, state }) =>
			({ key: `${door.controller}/${name}`, place: doorName(door), text: t("trouble.reader", name, word("reader", state)) })),
		...doors.findIndex(({ controller }) => controller === door.controller) === index
			? boardTroubles(door).map(([kind, text]) => ({ key: `${door.controller} ${kind}`, place: door.controller, text })) : [],
	]);
}

function alertText({ kind, at, ...one }) {
	return t("alert." + kind, who(one, one.hidden ? t("now.hidden") : undefined), time(at));
}

// Somebody has looked at it, and it is gone from every screen.
async function seeAlert({ controller, seq }) {
	await call("DELETE", `alerts/${encodeURIComponent(controller)}/${seq}`);
	await refresh();
}

function alertRow(one) {
	return h("li", { "data-key": `alert-${one.controller}/${one.seq}` },
		h("strong", null, doorName(one)), t("colon"), alertText(one), session.scopes.has("doors") &&
		[" ", button(t("alert.seen"), () => seeAlert(one), { kind: "small", sign: "ok", name: t("alert.seen_name", alertText(one)) })]);
}

function alarmPanel(doors, alerts) {
	const found = doors.flatMap((door) => alarmsOf(door).map((alarm) => ({ door, alarm })));
	const troubles = troublesOf(doors);
	return found.length + troubles.length + alerts.length > 0 && h("section", { class: "alarms", role: "alert", "data-key": "alarms", "aria-labelledby": "alarms-title" },
		h("h2", { id: "alarms-title" }, icon("alarm"), t("now.alarms")),
		h("ul", null, alerts.map(alertRow), found.map(({ door, alarm }) => h("li", { "data-key": door.door + alarm },
			h("strong", null, doorName(door)), t("colon"), word("alarm", alarm), alarm === "fire" &&
			[" ", h("a", { href: "#/evacuation" }, t("now.to_muster"))])),
		troubles.map(({ key, place, text }) => h("li", { "data-key": key }, h("strong", null, place), t("colon"), text))));
}

export default {
	scopes: ["now"],
	topics: ["now", "doors", "alarms", "visits", "people", "settings"],

	// An arrival told by the stream.
	news(data) {
		recent.unshift(data);
		recent.length = Math.min(recent.length, 6);
		setTimeout(() => {
			data.old = true;
			repaint();
		}, NEW_MS);
	},

	// Doors alone, or who is in alone, where nothing else has changed.
	async load(state, topics) {
		const changed = (these) => !topics || !state.loaded || these.some((topic) => topics.has(topic));
		const [now, doors, alerts] = await Promise.all([
			changed(["now", "visits", "people", "settings"]) ? get("now") : state.now,
			changed(["doors", "alarms", "settings"]) ? get("doors") : { items: state.doors, broker: state.broker },
			changed(["alarms", "people"]) ? get("alerts").then((answer) => answer.items) : state.alerts,
		]);
		Object.assign(state, { now, doors: doors.items, broker: doors.broker, alerts });
	},

	render({ now, doors, broker, alerts }) {
		return [
			h("h1", { tabindex: "-1" }, t("view.now")),
			brokerLine(broker),
			alarmPanel(doors, alerts),
			h("div", { class: "columns", "data-key": "columns" },
				h("div", { class: "wide" }, now.total && now.zones.length > 1 && totalCard(now.total),
					now.zones.length ? now.zones.map((zone) => zoneCard(withLimits(zone, now))) : h("p", { class: "none" }, t("now.nothing"))),
				h("div", { class: "aside" },
					h("section", { class: "card", "data-key": "doors", "aria-labelledby": "doors-title" },
						h("h2", { id: "doors-title" }, t("view.doors")),
						doors.length ? h("ul", { class: "doors" }, doors.map(doorRow)) : h("p", { class: "none" }, t("doors.none"))),
					h("section", { class: "card", "data-key": "recent", "aria-labelledby": "recent-title" },
						h("h2", { id: "recent-title" }, t("now.recent")),
						recent.length ? h("ul", { class: "recent" }, recent.map((news) =>
							h("li", { "data-key": (news.person ?? "") + news.at, class: news.old ? null : "fresh" },
								icon(news.kind === "left" ? "left" : "right"),
								h("span", null, t(news.kind === "left" ? "news.left" : "news.arrived", who(news), time(news.at))))))
							: h("p", { class: "none" }, t("now.quiet")))))];
	},
};
