// Evacuation: who is believed inside, ticked off at the assembly point. What was last loaded stays
// in memory, so that the list is there when the office is not.

import { button, dialog, field, form, h, icon, table, tag } from "./dom.js";
import { csv, keepFile } from "./file.js";
import { call, connection, get, query, session } from "./api.js";
import { language, t } from "./words.js";
import { clock, fromLocal, length, moment, time, toLocal } from "./when.js";
import { repaint, say } from "./app.js";
import { who } from "./who.js";

const PAUSE_MS = 3000;
const DRILL_MS = 600000;
const DRILL_DAYS = 183; // every six months, by the law
// list: as last loaded; waiting: ticks that the office has not taken yet, by person.
const kept = { list: null, at: null, waiting: new Map(), sending: null, timer: null, turn: 0, account: null };

async function send() {
	while (kept.waiting.size) {
		const [person, ticked] = kept.waiting.entries().next().value;
		await call("POST", "muster/ticks", { person, ticked });
		const one = kept.list?.people.find((other) => other.person === person);
		if (one) {
			one.ticked = ticked;
		}
		if (kept.waiting.get(person) === ticked) {
			kept.waiting.delete(person);
		}
	}
}

// One at a time, so that each is sent once and the last word on a person is the last sent.
function sendTicks() {
	kept.sending ??= send().finally(() => {
		kept.sending = null;
	});
	return kept.sending;
}

async function fetchList() {
	const { turn } = kept;
	await sendTicks();
	const list = await get("muster");
	if (turn === kept.turn) {
		Object.assign(kept, { list, at: new Date() });
	}
}

// Keeps the list at hand, whatever view is shown; a burst of news is one load.
export function remember() {
	if (!session.scopes.has("now") || kept.timer) {
		return;
	}
	kept.timer = setTimeout(() => {
		kept.timer = null;
		fetchList().catch(() => {});
	}, PAUSE_MS);
}

// Ticks that the office has not taken yet outlive a session that ends by itself.
export function forget({ ticks = true } = {}) {
	clearTimeout(kept.timer);
	Object.assign(kept, { list: null, at: null, timer: null, turn: kept.turn + 1 });
	if (ticks) {
		kept.waiting.clear();
	}
}

// They are sent in nobody else's name.
export function sendAs(account) {
	if (kept.account !== account) {
		kept.waiting.clear();
	}
	kept.account = account;
}

function isTicked(one) {
	return kept.waiting.get(one.person) ?? Boolean(one.ticked);
}

// Of the hidden neither name nor number is told while nobody is looked for.
function nameOf(one) {
	return who(one, t("now.hidden"));
}

function tick(one) {
	const ticked = !isTicked(one);
	kept.waiting.set(one.person, ticked);
	repaint();
	say(t(ticked ? "muster.said_safe" : "muster.said_missing", nameOf(one)));
	sendTicks().then(repaint, repaint);
}

async function freeze(frozen) {
	await call("POST", "muster/freeze", { frozen });
	await fetchList();
	repaint();
	say(t(frozen ? "muster.said_frozen" : "muster.said_live"));
}

function drill() {
	const now = new Date();
	const frozen = kept.list?.since && new Date(kept.list.since);
	// To the minute, as it is entered, it must end after it began.
	const began = frozen && toLocal(frozen) < toLocal(now) ? frozen : new Date(now - DRILL_MS);
	const box = dialog(t("drill.title"), form([
		h("p", null, t("drill.help")),
		h("div", { class: "row" },
			field("began", t("drill.began"), { kind: "datetime-local", value: toLocal(began) }),
			field("ended", t("drill.ended"), { kind: "datetime-local", value: toLocal(now) })),
		field("remarks", t("drill.remarks"), { kind: "area" }),
	], {
		submit: t("drill.do"),
		send: async (values) => {
			await call("POST", "muster/drill", { began: fromLocal(values.began), ended: fromLocal(values.ended), remarks: values.remarks });
			box.close();
			say(t("saved"));
			view.load(view.last).then(repaint);
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function keepDrills(drills) {
	keepFile("drills.csv", csv([["began", "ended", "remarks", "by"], ...drills.map((one) => [one.began, one.ended, one.remarks, one.by])]));
}

// Which zone, where there are several.
function place(one) {
	return (kept.list.zones ?? []).length > 1 && h("span", { class: "quiet" }, one.zone, " · ");
}

function row(one) {
	const ticked = isTicked(one);
	return h("li", { "data-key": one.person ?? "hidden-" + one.since, class: ticked ? "safe" : null },
		h("button", { type: "button", class: "tick", "aria-pressed": String(ticked), disabled: !one.person, onclick: () => tick(one) },
			h("span", { class: "box" }, ticked && icon("ok")),
			h("span", { class: "name" }, nameOf(one),
				one.guestsOf && h("span", { class: "quiet" }, " ", t("muster.guest_of", one.hostName ?? t("now.hidden")))),
			h("span", { class: "quiet" }, place(one), t("muster.in_since", time(one.since)),
				one.seen && time(one.seen) !== time(one.since) && [" · ", t("muster.seen", time(one.seen))]),
			h("span", { class: "verdict" }, ticked ? t("muster.safe") : t("muster.missing"),
				kept.waiting.has(one.person) && h("span", { class: "quiet" }, " ", t("muster.unsent")))));
}

// The newest comes first.
function isDrillDue(drills) {
	return !drills.length || Date.now() - new Date(drills[0].ended) > DRILL_DAYS * 24 * 3600 * 1000;
}

const view = {
	scopes: ["now"],
	topics: ["now", "muster", "alarms", "visits", "doors"],
	last: null,

	async load(state) {
		view.last = state;
		try {
			await fetchList();
			const [drills, doors] = await Promise.all([get("drills"), get("doors")]);
			Object.assign(state, { drills: drills.items, broker: doors.broker });
		} catch (problem) {
			if (problem.status === 401 || !kept.list) {
				throw problem;
			}
		}
	},

	render({ drills: register, broker }) {
		const drills = register ?? [];
		const { list } = kept;
		const people = list.people ?? [];
		const safe = people.filter(isTicked).length;
		return [
			h("div", { class: "head" }, h("h1", { tabindex: "-1" }, t("view.evacuation")),
				h("div", { class: "actions noprint" },
					button(t("print"), () => print(), { sign: "print" }),
					h("a", { class: "button", href: "/muster.html" + query({ lang: language() }), target: "_blank", rel: "noopener" }, icon("away"), t("muster.plain")),
					button(t("drill.add"), drill, { sign: "plus" }),
					button(t(list.byHand ? "muster.thaw" : "muster.freeze"), () => freeze(!list.byHand), { sign: "alarm" }))),
			h("p", { class: list.frozen ? "frozen" : "intro", "data-key": "frozen" }, list.frozen
				? [icon("alarm"), t("muster.frozen", moment(list.since))] : t("muster.live")),
			broker === false && !connection.since && h("p", { class: "refusal", "data-key": "broker", role: "alert" }, icon("off"), t("muster.no_broker")),
			connection.since && h("p", { class: "refusal", "data-key": "old" }, icon("off"), t("muster.old", clock(kept.at))),
			h("p", { class: "score", role: "status", "data-key": "score" },
				h("strong", null, String(people.length - safe)), " ", t("muster.to_find"), " ",
				h("span", { class: "quiet" }, t("muster.of", safe, people.length))),
			people.length ? h("ul", { class: "muster", "data-key": "list", "aria-label": t("muster.caption") }, people.map(row))
				: h("p", { class: "none" }, t("muster.nobody")),
			h("p", { class: "quiet" }, t("muster.aid"), (list.zones ?? []).some((zone) => zone.atLeast) && [" ", t("muster.atleast", people.length)]),
			h("section", { class: "register", "data-key": "drills", "aria-labelledby": "drills-title" },
				h("div", { class: "head" }, h("h2", { id: "drills-title" }, t("drills"), register && isDrillDue(register) && [" ", tag(t("drills.due"), "warn", "clock")]),
					drills.length > 0 && h("div", { class: "actions noprint" }, button(t("export"), () => keepDrills(drills), { sign: "down" }))),
				table(t("drills"), [
					{ head: t("drill.began"), row: true, cell: (one) => moment(one.began) },
					{ head: t("drill.length"), class: "n", cell: (one) => length(one.began, one.ended) },
					{ head: t("drill.remarks"), cell: (one) => one.remarks || "–" },
				], drills, { key: (one) => one.id ?? one.began, none: t("drills.none") })),
		];
	},
};

export default view;
