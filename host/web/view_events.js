// Events: what opens which doors to whom, once or again and again.

import { button, dialog, field, form, h, icon, table, tag } from "./dom.js";
import { call, get, link, query, session } from "./api.js";
import { language, t, word } from "./words.js";
import { calendar, feeds } from "./feeds.js";
import { localMoment, moment, time, toLocal } from "./when.js";
import { pickPerson } from "./pick.js";
import { refresh, say } from "./app.js";

const KINDS = ["event", "training", "public_window"];
const WHO = ["registered", "members", "anyone"];
const REPEATS = ["", "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY"];

// Who is registered: a list of persons, and a field that adds one.
function registered(people) {
	const list = h("ul", { class: "plain" });
	const pick = pickPerson("people", t("event.people"));
	const add = (person, name) => {
		const node = h("li", { "data-person": person }, name, " ", button(t("remove"), () => {
			node.remove();
			pick.node.querySelector("input").focus();
		}, { kind: "small", sign: "bin", name: t("event.people_remove", name) }));
		list.append(node);
	};
	people.forEach(({ person, name }) => add(person, name));
	const input = pick.node.querySelector("input");
	const more = button(t("event.people_add"), async () => {
		const name = input.value.trim();
		const person = await pick.value().catch(() => null);
		if (person && !list.querySelector(`[data-person="${person}"]`)) {
			add(person, name);
		}
		input.value = person ? "" : name;
		input.focus();
	}, { sign: "plus" });
	const node = h("fieldset", { class: "registered" }, h("legend", null, t("event.people_list")), list, pick.node, h("div", { class: "actions" }, more));
	return { node, people: () => [...list.children].map((node) => node.dataset.person) };
}

// Those who were erased since have no name.
async function nameOf(person) {
	return { person, name: (await get("people/" + person).catch(() => null))?.name ?? person };
}

async function edit(event, doors) {
	const at = event ?? {};
	const people = registered(await Promise.all((at.people ?? []).map(nameOf)));
	const repeats = REPEATS.includes(at.rrule ?? "") ? REPEATS : [...REPEATS, at.rrule];
	const box = dialog(event ? event.title : t("event.add_title"), form([
		field("title", t("event.title"), { value: at.title, required: true }),
		field("description", t("event.description"), { kind: "area", value: at.description }),
		h("div", { class: "row" },
			field("from", t("event.from"), { kind: "datetime-local", value: at.from }),
			field("to", t("event.to"), { kind: "datetime-local", value: at.to })),
		field("rrule", t("event.repeat"), { kind: "select", value: at.rrule ?? "", options: repeats.map((rule) => [rule, REPEATS.includes(rule) ? t("repeat." + rule) : rule]) }),
		h("div", { class: "row" },
			field("kind", t("event.kind"), { kind: "select", value: at.kind ?? "event", options: KINDS.map((kind) => [kind, t("event.kind." + kind)]) }),
			field("who", t("event.who"), { kind: "select", value: at.who ?? "members", options: WHO.map((who) => [who, word("event.who", who)]) })),
		h("fieldset", { class: "choices", "data-field": "doors" }, h("legend", null, t("event.doors")), doors.map(({ door }) =>
			h("label", { class: "inline" }, h("input", { type: "checkbox", class: "at-door", value: door, checked: (at.doors ?? []).includes(door) }), " ", door)),
		h("p", { class: "wrong", id: "event-doors-wrong" })),
		h("div", { class: "row" },
			field("place", t("event.place"), { value: at.place ?? "" }),
			field("trainer", t("event.trainer"), { value: at.trainer ?? "" })),
		field("public", t("event.public"), { kind: "check", value: at.public, help: t("event.public_help") }),
		people.node,
	], {
		submit: t("save"),
		send: async (values, node) => {
			const body = {
				title: values.title, description: values.description, place: values.place, trainer: values.trainer,
				from: values.from, to: values.to, public: values.public,
				rrule: values.rrule || null, kind: values.kind, who: values.who,
				doors: [...node.querySelectorAll(".at-door:checked")].map((box) => box.value), people: people.people(),
			};
			await call(event ? "PATCH" : "POST", event ? "events/" + event.event : "events", body);
			box.close();
			say(t("saved"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function remove(event) {
	const box = dialog(t("event.remove_title", event.title), form([h("p", null, t("event.remove_help"))], {
		submit: t("remove"), kind: "danger",
		send: async () => {
			await call("DELETE", "events/" + event.event);
			box.close();
			say(t("saved"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

async function attendance(event) {
	const date = event.next.length ? toLocal(event.next[0].from).slice(0, 10) : event.from.slice(0, 10);
	const answer = await get(`events/${event.event}/attendance` + query({ date }));
	dialog(t("event.attendance_title", event.title), table(t("event.attendance"), [
		{ head: t("date"), row: true, cell: (one) => moment(one.from) },
		{ head: t("event.registered"), class: "n", cell: (one) => t("event.of", one.registeredCame, one.registered) },
		{ head: t("event.came"), class: "n", cell: (one) => String(one.badged) },
		{ head: t("event.openings"), class: "n", cell: (one) => String(one.openings) },
	], [answer], { key: (one) => one.from }), { close: t("close") });
}

// Of a training that happens again the reader says which time is meant.
function sheetOf(event) {
	const next = event.next.length ? toLocal(event.next[0].from) : event.from;
	const path = (values) => `events/${event.event}/sheet` + query({ ...values, lang: language() });
	const box = dialog(t("event.sheet_title", event.title), form([
		field("date", t("event.sheet_date"), { kind: "date", value: next.slice(0, 10), help: t("event.sheet_date_help") }),
		session.scopes.has("history") && field("annex", t("event.annex_add"), { kind: "check", help: t("event.annex_help") }),
	], {
		submit: t("event.sheet_do"),
		send: async ({ date, annex }) => {
			// Without the annex, which each look at is noted.
			await call("GET", path({ date }), undefined, { as: "blob" });
			open(link(path({ date, annex: annex ? "true" : null })), "_blank", "noopener");
			box.close();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function sheetLink(event, label, annex) {
	return h("a", { class: "button small", href: link(`events/${event.event}/sheet` + query({ annex, lang: language() })), target: "_blank", rel: "noopener" },
		icon("print"), label, h("span", { class: "unseen" }, " ", event.title));
}

function sheets(event) {
	if (event.rrule) {
		return button(t("event.sheet"), () => sheetOf(event), { kind: "small", sign: "print", name: t("event.sheet_title", event.title) });
	}
	return [sheetLink(event, t("event.sheet")), session.scopes.has("history") && sheetLink(event, t("event.annex"), "true")];
}

// Of what happens again, the next time.
function span(one) {
	if (one.rrule && one.next.length) {
		const [{ from, to }] = one.next;
		return t("event.span", moment(from), toLocal(from).slice(0, 10) === toLocal(to).slice(0, 10) ? time(to) : moment(to));
	}
	return t("event.span", localMoment(one.from), one.from.slice(0, 10) === one.to.slice(0, 10) ? one.to.slice(11) : localMoment(one.to));
}

export default {
	scopes: ["people"],
	topics: ["events", "visits"],

	async load(state) {
		const [events, doors, calendars] = await Promise.all([
			get("events?limit=200"), session.scopes.has("now") ? get("doors") : { items: [] },
			session.scopes.has("settings") ? get("calendar-feeds") : { items: [] }]);
		state.events = events.items;
		state.doors = doors.items;
		state.feeds = calendars.items;
	},

	render({ events, doors, feeds: addresses }) {
		return [
			h("div", { class: "head" }, h("h1", { tabindex: "-1" }, t("view.events")),
				h("div", { class: "actions" }, button(t("event.add"), () => edit(null, doors), { kind: "primary", sign: "plus" }))),
			h("p", { class: "intro" }, t("events.intro")),
			table(t("view.events"), [
				{ head: t("event.title"), row: true, cell: (one) => one.title },
				{ head: t("event.when"), cell: span },
				{ head: t("event.repeat"), cell: (one) => one.rrule ? t(REPEATS.includes(one.rrule) ? "repeat." + one.rrule : "repeat.other") : t("repeat.") },
				{ head: t("event.who"), cell: (one) => h("span", { class: "tags" }, tag(word("event.who", one.who), one.who === "anyone" ? "warn" : "quiet", one.who === "anyone" ? "unlocked" : "members")) },
				{ head: t("event.doors"), cell: (one) => one.doors.join(", ") || "–" },
				{ head: t("actions"), unseen: true, class: "do", cell: (one) => [
					session.scopes.has("history") && button(t("event.attendance"), () => attendance(one), { kind: "small", sign: "members", name: t("event.attendance_title", one.title) }),
					one.kind === "training" && sheets(one),
					button(t("edit"), () => edit(one, doors), { kind: "small", sign: "edit", name: t("edit") + " " + one.title }),
					button(t("remove"), () => remove(one), { kind: "small", sign: "bin", name: t("event.remove_title", one.title) })] },
			], events, { key: (one) => one.event, none: t("events.none") }),
			calendar(),
			feeds(addresses),
		];
	},
};
