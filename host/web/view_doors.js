// Doors: how each is, how fast, since when its roster.

import { button, fact, h, table, tag } from "./dom.js";
import { get, session } from "./api.js";
import { t, word } from "./words.js";
import { duration, moment, number } from "./when.js";
import { alarmsOf, boardTroubles, brokerLine, changeMode, doorName, modeTag, openDoor, readersOf, seen, seenTag } from "./view_now.js";

const OLD_ROSTER_S = 24 * 3600;
const STAGES = ["detect", "decide", "record", "relay", "total"];

function ms(microseconds) {
	return microseconds === undefined || microseconds === null ? "–" : t("ms", number(microseconds / 1000, microseconds < 10000 ? 1 : 0));
}

function stage(one, share) {
	return ms(one?.[share + "_us"] ?? one?.[share + "Us"] ?? one?.[share]);
}

function stages(door) {
	const there = STAGES.filter((name) => door.stages?.[name]?.count > 0);
	return there.length === 0 ? h("p", { class: "quiet" }, t("doors.no_tap")) : table(t("doors.stages", doorName(door)), [
		{ head: t("doors.stage"), row: true, cell: (name) => t("stage." + name) },
		{ head: "p50", class: "n", cell: (name) => stage(door.stages[name], "p50") },
		{ head: "p95", class: "n", cell: (name) => stage(door.stages[name], "p95") },
		{ head: "p99", class: "n", cell: (name) => stage(door.stages[name], "p99") },
	], there, { key: (name) => name, tight: true });
}

// The age goes on looking fresh meanwhile: the office says every minute that its roster holds.
function refusal(refused) {
	return refused && [" ", tag(t("doors.refused"), "bad"), " ", t("doors.refused.what", refused.count, word("refused", refused.why))];
}

// Kept by the board; whether the office has all of it, as it was signed.
function log(door) {
	const broken = (door.chainBroken ?? null) !== null;
	return [
		h("span", { class: "tags" }, door.journal ? tag(t("journal." + door.journal), { well: "ok", slow: "warn", stalled: "bad" }[door.journal]) : t("doors.not_told")),
		" ", h("span", { class: "tags" }, broken ? tag(t("log.broken"), "bad")
			: door.missing > 0 ? tag(t("log.missing", door.missing), "warn") : tag(t("log.whole"), "ok"))];
}

function doorCard(door) {
	const readers = readersOf(door);
	const age = door.rosterAge;
	return h("section", { class: "card", "data-key": door.controller + "/" + door.door, "aria-labelledby": `door-${door.controller}-${door.door}` },
		h("div", { class: "head" },
			h("h2", { id: `door-${door.controller}-${door.door}` }, doorName(door), h("span", { class: "quiet" }, " ", door.controller)),
			session.scopes.has("doors") && h("div", { class: "actions" },
				button(t("open"), () => openDoor(door), { sign: "unlocked", name: t("open.title", doorName(door)), disabled: door.online === false }),
				button(t("mode.change"), () => changeMode(door), { kind: "plain", name: t("mode.title", doorName(door)), disabled: door.online === false }))),
		h("p", { class: "tags" },
			door.online === false ? tag(t("door.offline"), "warn", "off") : tag(t("door.online"), "ok"),
			modeTag(door), seenTag(door),
			alarmsOf(door).map((alarm) => tag(word("alarm", alarm), alarm === "pre_alarm" ? "warn" : "bad"))),
		boardTroubles(door).map(([kind, text]) => h("p", { class: "refusal", "data-key": kind }, text)),
		h("dl", { class: "facts" },
			fact(t("doors.commanded"), word("mode", door.mode ?? "unknown")),
			fact(t("doors.observed"), seen(door)),
			fact(t("zone"), door.zone ?? "–"),
			fact(t("doors.last"), moment(door.lastEvent) || "–"),
			fact(t("doors.roster"), age === undefined || age === null ? t("doors.local")
				: [t("doors.age", duration(age)), " ", age > OLD_ROSTER_S ? tag(t("doors.old"), "warn", "clock") : tag(t("doors.fresh"), "ok")],
			door.rosterVersion ? h("span", { class: "quiet" }, " ", t("doors.version", door.rosterVersion)) : null, refusal(door.rosterRefused)),
			fact(t("doors.clock"), door.clock ? tag(t("clock." + door.clock), { synchronised: "ok", rtc: "quiet", unset: "bad" }[door.clock]) : t("doors.not_told")),
			fact(t("doors.log"), log(door)),
			fact(t("doors.readers"), readers.length ? readers.map((reader) => h("span", { class: "tags" }, reader.name ?? String(reader), " ",
				reader.state && tag(word("reader", reader.state), reader.state === "online" ? "ok" : "bad"))) : "–"),
			fact(t("doors.versions"), door.versions ? Object.entries(door.versions).map(([name, version]) => `${name} ${version}`).join(" · ") : "–")),
		stages(door));
}

export default {
	scopes: ["now"],
	topics: ["doors", "alarms", "now"],

	async load(state) {
		const { items, broker } = await get("doors");
		Object.assign(state, { doors: items, broker });
	},

	render({ doors, broker }) {
		return [
			h("h1", { tabindex: "-1" }, t("view.doors")),
			h("p", { class: "intro" }, t("doors.intro")),
			brokerLine(broker),
			doors.length ? h("div", { class: "cards", "data-key": "cards" }, doors.map(doorCard)) : h("p", { class: "none" }, t("doors.none"))];
	},
};
