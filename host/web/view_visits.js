// Visits: of a day or of a person; corrections with their reason.

import { button, dialog, field, form, h, table, tag } from "./dom.js";
import { keepFile } from "./file.js";
import { all, call, get, query, session } from "./api.js";
import { t } from "./words.js";
import { day, fromLocal, length, moment, shift, time, toLocal, today } from "./when.js";
import { askReason } from "./view_login.js";
import { refresh, say } from "./app.js";
import { pickPerson } from "./pick.js";
import { who } from "./who.js";

function stateTag(visit) {
	if (visit.state === "void") {
		return tag(t("visit.void"), "quiet", "off");
	}
	return [
		visit.checkOut ? null : tag(t("visit.open"), "ok", "right"),
		visit.corrected ? tag(t("visit.corrected"), "quiet", "edit") : null,
		visit.closedBy === "cutoff" ? tag(t("visit.cutoff"), "warn", "clock") : null,
		visit.checkOut && (visit.provisional ? tag(t("visit.provisional")) : tag(t("visit.final"), "quiet", "locked")),
	];
}

function correct(visit) {
	askReason(t("visit.correct_title", who(visit), day(visit.date)), {
		submit: t("save"), explain: t("visit.reason_help"),
		fields: [
			h("div", { class: "row" },
				field("checkIn", t("visit.checkIn"), { kind: "datetime-local", value: toLocal(visit.checkIn) }),
				field("checkOut", t("visit.checkOut"), { kind: "datetime-local", value: toLocal(visit.checkOut) })),
			field("halfDays", t("visit.halfDays"), { kind: "number", min: 1, max: 2, value: visit.halfDays ?? "", inputmode: "numeric" }),
		],
		send: async (values) => {
			// Only what was changed is asked for.
			const changes = { reason: values.reason, revision: visit.revision };
			for (const name of ["checkIn", "checkOut"]) {
				if (values[name] !== toLocal(visit[name])) {
					changes[name] = fromLocal(values[name]);
				}
			}
			if (values.halfDays !== (visit.halfDays ?? null)) {
				changes.halfDays = values.halfDays;
			}
			await call("PATCH", "visits/" + encodeURIComponent(visit.id), changes);
			say(t("saved"));
			refresh();
		},
	});
}

function cancel(visit) {
	askReason(t("visit.void_title", who(visit), day(visit.date)), {
		submit: t("visit.void_do"), kind: "danger", explain: t("visit.void_help"),
		send: async ({ reason }) => {
			await call("PATCH", "visits/" + encodeURIComponent(visit.id), { void: true, reason, revision: visit.revision });
			say(t("saved"));
			refresh();
		},
	});
}

// For whoever's visits are shown, or for somebody.
function add(date, shown) {
	const from = date + "T09:00";
	const person = pickPerson("person", t("name"), { value: shown });
	askReason(t("visit.add_title"), {
		submit: t("visit.add_do"), explain: t("visit.reason_help"),
		fields: [
			person.node,
			field("zone", t("zone"), { kind: "select", options: session.zones.map((zone) => [zone, zone]) }),
			h("div", { class: "row" },
				field("checkIn", t("visit.checkIn"), { kind: "datetime-local", value: from }),
				field("checkOut", t("visit.checkOut"), { kind: "datetime-local" })),
		],
		send: async (values) => {
			await call("POST", "visits", {
				person: await person.value(), zone: values.zone, checkIn: fromLocal(values.checkIn),
				checkOut: fromLocal(values.checkOut), reason: values.reason,
			});
			say(t("saved"));
			refresh();
		},
	});
}

function exported() {
	const first = today().slice(0, 8) + "01";
	const box = dialog(t("visit.export_title"), form([
		h("p", null, t("visit.export_help")),
		h("div", { class: "row" },
			field("from", t("from"), { kind: "date", value: first }),
			field("to", t("to"), { kind: "date", value: today() })),
		field("purpose", t("visit.export_purpose"), { required: true, maxlength: 100, help: t("visit.export_purpose_help") }),
	], {
		submit: t("download"),
		send: async (values) => {
			keepFile(`visits-${values.from}-${values.to}.csv`, await call("GET", "visits.csv" + query(values), undefined, { as: "blob" }));
			box.close();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

// A member of a board that keeps its own roster: its names never leave it.
function rename(person, name) {
	const [board, member] = person.split("/");
	const box = dialog(t("who.name_title", who({ person })), form([
		field("name", t("name"), { value: name ?? "", help: t("who.name_help") }),
	], {
		submit: t("save"),
		send: async (values) => {
			await call("PUT", `board-members/${encodeURIComponent(board)}/${encodeURIComponent(member)}`, { name: values.name || null });
			box.close();
			say(t("saved"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

export function visitTable(visits, { withDate = false } = {}) {
	const may = session.scopes.has("history");
	return table(t("visits.caption"), [
		withDate
			? { head: t("date"), row: true, class: "whole", cell: (visit) => day(visit.date, false) }
			: { head: t("name"), row: true, class: "whole", cell: (visit) => visit.person
				? h("a", { href: "#/visits" + query({ person: visit.person }) }, who(visit)) : who(visit) },
		{ head: t("zone"), cell: (visit) => visit.zone },
		{ head: t("visit.checkIn"), class: "n", cell: (visit) => time(visit.checkIn) },
		{ head: t("visit.checkOut"), class: "n", cell: (visit) => time(visit.checkOut) || "–" },
		{ head: t("visit.length"), class: "n quiet", cell: (visit) => length(visit.checkIn, visit.checkOut ?? new Date()) },
		{ head: t("visit.halfDays"), class: "n", cell: (visit) => String(visit.halfDays ?? "–") },
		{ head: t("state"), cell: (visit) => h("span", { class: "tags" }, stateTag(visit), visit.corrected &&
			h("span", { class: "note" }, t("visit.corrected_by", visit.corrected.by, moment(visit.corrected.at), visit.corrected.reason))) },
		{ head: t("actions"), unseen: true, class: "do pair", cell: (visit) => may && visit.provisional && visit.state !== "void" && [
			button(t("correct"), () => correct(visit), { kind: "small", sign: "edit", name: t("visit.correct_name", who(visit)) }),
			button(t("visit.void_short"), () => cancel(visit), { kind: "small", sign: "bin", name: t("visit.void_name", who(visit)) }),
		] },
	], visits, { none: t("visits.none"), rowClass: (visit) => visit.state === "void" && "voided" });
}

function go(date) {
	location.hash = "#/visits" + query({ date });
}

export default {
	scopes: ["history"],
	topics: ["visits", "now"],
	calm: true, // a look at somebody's past is noted: no minute that passes is one

	async load(state, topics) {
		state.person = state.search.get("person");
		state.date = state.search.get("date") || today();
		if (state.person && state.visits && topics && !topics.has("visits")) {
			return;
		}
		if (state.person) {
			state.visits = (await get("visits" + query({ person: state.person, limit: 200 }))).items;
		} else {
			state.visits = await all("visits" + query({ date: state.date, limit: 200 }));
		}
	},

	render({ person, date, visits }) {
		const named = visits.find((visit) => visit.name)?.name;
		const name = person && who({ name: named, person });
		return [
			h("div", { class: "head" },
				h("h1", { tabindex: "-1" }, person ? t("visits.of", name) : t("view.visits")),
				h("div", { class: "actions" },
					person?.includes("/") && session.scopes.has("people") && button(t("who.name"), () => rename(person, named), { sign: "edit" }),
					button(t("visit.add"), () => add(date, named && { name: named, person }), { sign: "plus" }),
					button(t("export"), exported, { sign: "down" }))),
			person ? h("p", { "data-key": "back" }, h("a", { href: "#/visits" }, t("visits.all")), !person.includes("/") && [" · ", h("a", { href: "#/members/" + person }, t("visits.card"))])
				: h("div", { class: "daybar", "data-key": "daybar" },
					button(t("day.before"), () => go(shift(date, -1)), { sign: "left", kind: "square" }),
					h("label", { for: "date", class: "unseen" }, t("date")),
					h("input", { type: "date", id: "date", "data-key": "date-" + date, value: date, max: today(), onchange: (event) => event.target.value && go(event.target.value) }),
					button(t("day.after"), () => go(shift(date, 1)), { sign: "right", kind: "square", disabled: date >= today() }),
					date !== today() && button(t("today"), () => go(today()), { kind: "plain" }),
					h("strong", { class: "dayname" }, day(date)),
					h("span", { class: "quiet" }, t(visits.length === 1 ? "visits.one" : "visits.many", visits.length))),
			visitTable(visits, { withDate: Boolean(person) }),
			h("p", { class: "quiet" }, t("visits.intro")),
		];
	},
};
