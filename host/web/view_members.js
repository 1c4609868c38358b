// Members: found, added, edited; their badges, and the sheet that welcomes them.

import { button, dialog, field, form, h, icon, table, tag } from "./dom.js";
import { all, call, command, get, link, query, session } from "./api.js";
import { language, t, word } from "./words.js";
import { day, fromLocal, moment, toLocal, today } from "./when.js";
import { askReason } from "./view_login.js";
import { readersOf } from "./view_now.js";
import { place } from "./view_rules.js";
import { weekText } from "./week.js";
import { visitTable } from "./view_visits.js";
import { refresh, say } from "./app.js";

const PAUSE_MS = 200;
const ENROL_MS = 90000;
const BADGE_STATES = ["enabled", "suspended", "lost", "stolen", "returned", "damaged", "revoked"];
const TONES = { enabled: ["ok", "ok"], suspended: ["warn", "clock"], lost: ["warn", "warn"], stolen: ["bad", "alarm"], revoked: ["bad", "off"] };

function personFields(person, profiles) {
	return [
		field("name", t("name"), { value: person.name, required: true }),
		h("div", { class: "row" },
			field("kind", t("kind"), { kind: "select", value: person.kind ?? "member", options: ["member", "staff", "guest"].map((kind) => [kind, word("kind", kind)]) }),
			field("profile", t("profile"), { kind: "select", value: person.profile ?? "always", options: profiles.map(({ name }) => [name, name]) })),
		h("div", { class: "row" },
			field("email", t("email"), { kind: "email", value: person.email }),
			field("externalId", t("externalId"), { value: person.externalId, help: t("externalId.help") })),
		h("fieldset", { class: "choices" }, h("legend", null, t("member.options")),
			person.person && field("enabled", t("member.enabled"), { kind: "check", value: person.enabled ?? true, help: t("member.enabled_help") }),
			field("hidden", t("member.hidden"), { kind: "check", value: person.hidden, help: t("member.hidden_help") }),
			field("board", t("member.board"), { kind: "check", value: person.board, help: t("member.board_help") }),
			field("anyTime", t("member.anyTime"), { kind: "check", value: person.anyTime, help: t("member.anyTime_help") }),
			field("extendedTime", t("member.extendedTime"), { kind: "check", value: person.extendedTime, help: t("member.extendedTime_help") })),
	];
}

function filled(values) {
	return { ...values, email: values.email || null, externalId: values.externalId || null };
}

async function add(profiles) {
	const box = dialog(t("member.add_title"), form(personFields({}, profiles), {
		submit: t("member.add_do"),
		send: async (values) => {
			const made = await call("POST", "people", filled(values));
			box.close();
			say(t("saved"));
			location.hash = "#/members/" + made.person;
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function imported() {
	const told = h("div", { role: "status" });
	const box = dialog(t("csv.title"), [form([
		h("p", null, t("csv.help")),
		field("file", t("csv.file"), { kind: "file", accept: ".csv,text/csv" }),
		field("dry", t("csv.dry"), { kind: "check", value: true, help: t("csv.dry_help") }),
		told,
	], {
		submit: t("csv.do"),
		send: async ({ dry }, node) => {
			told.replaceChildren();
			const file = node.elements.file.files[0];
			const answer = await call("POST", "people.csv" + (dry ? "?dryRun=true" : ""), file ?? "", { type: "text/csv" });
			told.replaceChildren(h("p", { class: "good" }, icon("ok"), t(dry ? "csv.would" : "csv.did",
				answer?.added ?? 0, answer?.changed ?? 0)));
			if (!dry) {
				refresh();
			}
		},
		more: button(t("close"), () => box.close()),
	})]);
}

// A door of several boards may have the same name: it is named with its own. Where it has several
// readers, one of them may be chosen.
function readerOptions(doors) {
	return doors.flatMap((door) => {
		const at = door.controller + "/" + door.door;
		const name = door.zone ? `${door.door} (${door.zone})` : door.door;
		const readers = readersOf(door);
		const label = (reader) => name + t("colon") + reader.name + (reader.state === "online" ? "" : ", " + word("reader", reader.state));
		return readers.length < 2 ? [[at, readers.length ? label(readers[0]) : name]]
			: [[at, name + t("colon") + t("enrol.any")], ...readers.map((reader) => [at + "#" + reader.name, label(reader)])];
	});
}

// Asks a door to take the next badge that is presented, and waits for it.
export function enrol(doors, path, title, help) {
	let gone = false;
	const status = h("p", { class: "wait", role: "status" });
	const box = dialog(title, form([
		h("p", null, help),
		field("door", t("enrol.door"), { kind: "select", options: readerOptions(doors) }),
		status,
	], {
		submit: t("enrol.do"),
		send: async (values) => {
			const [door, reader] = values.door.split("#");
			status.textContent = t("enrol.wait", reader ?? door.split("/").pop());
			try {
				await command(path, reader ? { door, reader } : { door }, ENROL_MS);
			} catch (problem) {
				status.textContent = "";
				if (gone) {
					return;
				}
				throw problem;
			}
			if (!gone) {
				box.close();
			}
			say(t("enrol.done"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}), { closed: () => {
		gone = true;
	} });
}

function byNumber(person) {
	const box = dialog(t("badge.number_title", person.name), form([
		field("uid", t("badge.uid"), { help: t("badge.uid_help"), spellcheck: "false", autocapitalize: "none" }),
	], {
		submit: t("badge.number_do"),
		send: async (values) => {
			await call("POST", `people/${person.person}/badges`, values);
			box.close();
			say(t("enrol.done"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function editBadge(badge) {
	const box = dialog(t("badge.edit_title", badge.id), form([
		field("state", t("state"), { kind: "select", value: badge.state, options: BADGE_STATES.map((state) => [state, word("badge", state)]) }),
		h("div", { class: "row" },
			field("validFrom", t("badge.validFrom"), { kind: "datetime-local", value: toLocal(badge.validFrom) }),
			field("validTo", t("badge.validTo"), { kind: "datetime-local", value: toLocal(badge.validTo) })),
		field("uses", t("badge.uses"), { kind: "number", min: 0, value: badge.uses ?? "", help: t("badge.uses_help"), inputmode: "numeric" }),
	], {
		submit: t("save"),
		send: async (values) => {
			const changes = {};
			if (values.state !== badge.state) {
				changes.state = values.state;
			}
			for (const name of ["validFrom", "validTo"]) {
				if (values[name] !== toLocal(badge[name])) {
					changes[name] = fromLocal(values[name]);
				}
			}
			if (values.uses !== (badge.uses ?? null)) {
				changes.uses = values.uses;
			}
			await call("PATCH", "badges/" + badge.id, changes);
			box.close();
			say(t("saved"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function erase(person) {
	askReason(t("erase.title", person.name), {
		submit: t("erase.do"), kind: "danger", reason: false, explain: t("erase.help"),
		send: async () => {
			await call("DELETE", "people/" + person.person);
			say(t("erase.done"));
			location.hash = "#/members";
		},
	});
}

function badgeTable({ person, badges, doors }) {
	return h("section", { "data-key": "badges", class: "card", "aria-labelledby": "badges-title" },
		h("div", { class: "head" }, h("h2", { id: "badges-title" }, t("badges")),
			h("div", { class: "actions" },
				button(t("enrol"), () => enrol(doors, `people/${person.person}/badges`, t("enrol.title", person.name), t("enrol.help")), { sign: "badge", disabled: !doors.length }),
				button(t("badge.by_number"), () => byNumber(person), { kind: "plain" }))),
		table(t("badges"), [
			{ head: t("badge"), row: true, cell: (badge) => String(badge.id) },
			{ head: t("state"), cell: (badge) => tag(word("badge", badge.state), ...(TONES[badge.state] ?? ["quiet"])) },
			{ head: t("badge.validFrom"), cell: (badge) => moment(badge.validFrom) || "–" },
			{ head: t("badge.validTo"), cell: (badge) => moment(badge.validTo) || "–" },
			{ head: t("badge.uses"), class: "n", cell: (badge) => badge.uses ?? "–" },
			{ head: t("actions"), unseen: true, class: "do", cell: (badge) =>
				button(t("edit"), () => editBadge(badge), { kind: "small", sign: "edit", name: t("badge.edit_title", badge.id) }) },
		], badges, { none: t("badges.none") }));
}

function card(state) {
	const { person, profiles, visits } = state;
	return [
		h("p", { class: "crumb" }, h("a", { href: "#/members" }, icon("left"), t("view.members"))),
		h("div", { class: "head" },
			h("h1", { tabindex: "-1" }, person.name),
			h("div", { class: "actions" },
				h("a", { class: "button", href: `#/members/${person.person}/welcome` }, icon("print"), t("welcome")))),
		h("div", { class: "columns", "data-key": "columns" },
			h("div", { class: "wide" },
				badgeTable(state),
				visits && h("section", { "data-key": "visits", class: "card", "aria-labelledby": "last-title" },
					h("div", { class: "head" }, h("h2", { id: "last-title" }, t("member.last")),
						h("a", { href: "#/visits" + query({ person: person.person }) }, t("member.all_visits"))),
					visitTable(visits, { withDate: true }))),
			h("div", { class: "aside" },
				h("section", { "data-key": "form", class: "card", "aria-labelledby": "card-title" },
					h("h2", { id: "card-title" }, t("member.card")),
					h("div", { "data-keep": JSON.stringify(person) + t("name") }, form(personFields(person, profiles), {
						submit: t("save"),
						send: async (values) => {
							await call("PATCH", "people/" + person.person, filled(values));
							say(t("saved"));
							refresh();
						},
					}))),
				h("section", { "data-key": "law", class: "card", "aria-labelledby": "law-title" },
					h("h2", { id: "law-title" }, t("member.data")),
					h("p", { class: "quiet" }, t("member.data_help")),
					h("div", { class: "actions" },
						session.scopes.has("history") && h("a", { class: "button", href: link(`people/${person.person}/export`), download: person.person + ".json" },
							icon("down"), t("member.export")),
						session.scopes.has("history") && h("a", { class: "button", href: link(`people/${person.person}/export.csv`), download: person.person + ".csv" },
							icon("down"), t("export")),
						session.scopes.has("history") && h("a", { class: "button", href: link(`people/${person.person}/export.html?lang=${language()}`), target: "_blank", rel: "noopener" },
							icon("print"), t("member.export_page")),
						button(t("erase"), () => erase(person), { kind: "danger", sign: "bin" })))))];
}

// Where and when the profile lets them in, in the words of the rules.
function hours({ person, profiles, schedules }) {
	const policies = profiles.find(({ name }) => name === person.profile)?.policies ?? [];
	return policies.map(({ accessPoint, schedule }) => {
		const week = !person.anyTime && schedules.find(({ name }) => name === schedule);
		return place(accessPoint) + t("colon") + (week ? weekText(week.periods).join(" ; ") : t("policy.always"));
	});
}

function welcome(state) {
	const { person } = state;
	const when = hours(state);
	return [
		h("p", { class: "crumb noprint" }, h("a", { href: "#/members/" + person.person }, icon("left"), person.name)),
		h("article", { class: "sheet" },
			h("p", { class: "sheet-space" }, session.space || "Loquet"),
			h("h1", { tabindex: "-1" }, t("welcome.title", person.name)),
			h("p", { class: "lead" }, t("welcome.lead")),
			h("h2", null, t("welcome.badge")),
			h("ol", null, ["1", "2", "3"].map((step) => h("li", null, t("welcome.step" + step)))),
			when.length > 0 && [h("h2", null, t("welcome.hours")), h("ul", null, when.map((line) => h("li", null, line)))],
			h("h2", null, t("welcome.good")),
			h("ul", null, ["lost", "lend", "leave", "fire"].map((item) => h("li", null, t("welcome." + item)))),
			h("h2", null, t("welcome.data")),
			h("p", null, t("welcome.data_text")),
			h("p", { class: "quiet" }, t("welcome.made", day(today())))),
		h("p", { class: "noprint" }, button(t("print"), () => print(), { kind: "primary", sign: "print" }))];
}

let timer;

function list(state) {
	return [
		h("div", { class: "head" },
			h("h1", { tabindex: "-1" }, t("view.members")),
			h("div", { class: "actions" },
				button(t("member.add"), () => add(state.profiles), { kind: "primary", sign: "plus" }),
				h("a", { class: "button", href: link("people.csv"), download: "people.csv" }, icon("down"), t("export")),
				button(t("csv"), imported, { sign: "plus" }))),
		h("form", { class: "search", role: "search", "data-key": "search", onsubmit: (event) => event.preventDefault() },
			h("label", { for: "search" }, icon("search"), h("span", { class: "unseen" }, t("member.search"))),
			h("input", {
				type: "search", id: "search", autocomplete: "off", placeholder: t("member.search"), oninput: (event) => {
					clearTimeout(timer);
					timer = setTimeout(() => {
						// What was shown more of belongs to the search before.
						Object.assign(state, { text: event.target.value.trim(), extra: undefined, after: undefined });
						refresh();
					}, PAUSE_MS);
				},
			}),
			h("span", { class: "quiet", role: "status" }, t(state.people.length === 1 ? "members.one" : "members.many", state.people.length + (state.next ? "+" : "")))),
		table(t("view.members"), [
			{ head: t("name"), row: true, cell: (one) => h("a", { href: "#/members/" + one.person }, one.name) },
			{ head: t("kind"), cell: (one) => word("kind", one.kind) },
			{ head: t("profile"), cell: (one) => one.profile },
			{ head: t("badges"), class: "n", cell: (one) => String(one.badges ?? "–") },
			{ head: t("state"), cell: (one) => h("span", { class: "tags" },
				one.enabled === false && tag(t("member.disabled"), "warn", "off"),
				one.hidden && tag(t("hidden"), "quiet", "hidden"),
				one.anyTime && tag(t("member.anyTime_short"), "quiet", "clock")) },
		], state.people, { key: (one) => one.person, none: t("members.none") }),
		state.next && h("p", null, button(t("more"), async () => {
			const { text, next } = state;
			const part = await get("people" + query({ search: text, after: next, limit: 100 }));
			if (text !== state.text || next !== state.next) {
				return;
			}
			state.extra = [...(state.extra ?? []), ...part.items];
			state.after = part.next;
			refresh();
		})),
	];
}

export default {
	scopes: ["people"],
	topics: ["people", "visits"],
	calm: true, // a look at somebody's past is noted: no minute that passes is one
	title: (state) => state.person?.name ?? t("view.members"),

	async load(state, topics) {
		const [id] = state.path;
		if (!id) {
			const { text } = state;
			const [page, profiles] = await Promise.all([
				get("people" + query({ search: text, limit: 100 })), all("profiles")]);
			if (state.loaded && text !== state.text) {
				return;
			}
			Object.assign(state, { people: [...page.items, ...(state.extra ?? [])], next: state.after === undefined ? page.next : state.after, profiles });
			return;
		}
		const mayLook = session.scopes.has("history");
		const [person, badges, profiles, doors, visits] = await Promise.all([
			get("people/" + id), get(`people/${id}/badges`), all("profiles"),
			session.scopes.has("now") ? get("doors") : { items: [] },
			!mayLook ? null : state.visits && topics && !topics.has("visits") ? { items: state.visits } : get("visits" + query({ person: id, limit: 10 }))]);
		const schedules = state.path[1] === "welcome" ? await all("schedules") : [];
		Object.assign(state, { person, schedules, badges: badges.items, profiles, doors: doors.items, visits: visits?.items });
	},

	render: (state) => (!state.person ? list(state) : state.path[1] === "welcome" ? welcome(state) : card(state)),
};
