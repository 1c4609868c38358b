// Visitors: guests of a member, for a time.

import { button, dialog, field, form, h, table, tag } from "./dom.js";
import { call, get } from "./api.js";
import { t } from "./words.js";
import { fromLocal, moment, toLocal } from "./when.js";
import { pickPerson } from "./pick.js";
import { enrol } from "./view_members.js";
import { refresh, say } from "./app.js";

function edit(visitor) {
	const fresh = !visitor;
	const now = new Date();
	const host = pickPerson("host", t("visitor.host"), {
		optional: true,
		value: visitor?.host && { name: visitor.hostName ?? visitor.host, person: visitor.host },
	});
	const box = dialog(fresh ? t("visitor.add_title") : visitor.name, form([
		fresh && field("name", t("visitor.name"), { required: true }),
		host.node,
		h("div", { class: "row" },
			field("from", t("visitor.from"), { kind: "datetime-local", value: toLocal(visitor?.from ?? now) }),
			field("to", t("visitor.to"), { kind: "datetime-local", value: toLocal(visitor?.to ?? new Date(now.getTime() + 4 * 3600000)) })),
		field("purpose", t("visitor.purpose"), { value: visitor?.purpose, required: true }),
	], {
		submit: fresh ? t("visitor.add_do") : t("save"),
		send: async (values) => {
			const body = { host: await host.value(), from: fromLocal(values.from), to: fromLocal(values.to), purpose: values.purpose };
			// The name is changed with the person.
			await (fresh ? call("POST", "visitors", { name: values.name, ...body }) : call("PATCH", "visitors/" + visitor.person, body));
			box.close();
			say(t("saved"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function badge(visitor, doors) {
	enrol(doors, `visitors/${visitor.person}/badge`, t("visitor.badge_title", visitor.name), t("visitor.badge_help"));
}

function leave(visitor) {
	const box = dialog(t("visitor.end_title", visitor.name), form([h("p", null, t("visitor.end_help"))], {
		submit: t("visitor.end_do"), kind: "danger",
		send: async () => {
			await call("DELETE", "visitors/" + visitor.person);
			box.close();
			say(t("saved"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function stateOf(visitor) {
	const now = Date.now();
	if (Date.parse(visitor.to) < now) {
		return tag(t("visitor.past"), "quiet", "clock");
	}
	return Date.parse(visitor.from) > now ? tag(t("visitor.coming"), "quiet", "events") : tag(t("visitor.expected"), "ok");
}

export default {
	scopes: ["people"],
	topics: ["people", "visits"],

	async load(state) {
		const [visitors, doors] = await Promise.all([get("visitors"), get("doors").catch(() => ({ items: [] }))]);
		state.visitors = visitors.items;
		state.doors = doors.items;
	},

	render({ visitors, doors }) {
		return [
			h("div", { class: "head" }, h("h1", { tabindex: "-1" }, t("view.visitors")),
				h("div", { class: "actions" }, button(t("visitor.add"), () => edit(null), { kind: "primary", sign: "plus" }))),
			h("p", { class: "intro" }, t("visitors.intro")),
			table(t("view.visitors"), [
				{ head: t("name"), row: true, cell: (one) => one.name },
				{ head: t("visitor.host"), cell: (one) => one.hostName ?? one.host ?? "–" },
				{ head: t("visitor.from"), cell: (one) => moment(one.from) },
				{ head: t("visitor.to"), cell: (one) => moment(one.to) },
				{ head: t("visitor.purpose"), cell: (one) => one.purpose || "–" },
				{ head: t("state"), cell: (one) => h("span", { class: "tags" }, stateOf(one), one.badges > 0 && tag(t("badge"), "quiet", "badge")) },
				{ head: t("actions"), unseen: true, class: "do", cell: (one) => [
					button(t("visitor.badge"), () => badge(one, doors), { kind: "small", sign: "badge", name: t("visitor.badge_title", one.name), disabled: !doors.length }),
					button(t("edit"), () => edit(one), { kind: "small", sign: "edit", name: t("edit") + " " + one.name }),
					button(t("visitor.end"), () => leave(one), { kind: "small", sign: "bin", name: t("visitor.end_title", one.name) })] },
			], visitors, { key: (one) => one.person, none: t("visitors.none") }),
		];
	},
};
