// Rules: profiles say where and when; schedules are weeks; special days replace a day of the week.

import { button, dialog, field, form, h, table } from "./dom.js";
import { all, call, get, Problem, session } from "./api.js";
import { t } from "./words.js";
import { day } from "./when.js";
import { hhmm, weekDrawing, weekEditor, weekText } from "./week.js";
import { refresh, say } from "./app.js";

async function put(kind, name, body, box) {
	if (!name) {
		// It would be no address.
		throw new Problem(0, { detail: t("rule.name_needed"), pointer: "/name" });
	}
	await call("PUT", `${kind}/${encodeURIComponent(name)}`, body);
	box.close();
	say(t("saved"));
	refresh();
}

function remove(kind, name) {
	const box = dialog(t("rule.remove_title", name), form([h("p", null, t("rule.remove_help"))], {
		submit: t("remove"), kind: "danger",
		send: async () => {
			await call("DELETE", `${kind}/${encodeURIComponent(name)}`);
			box.close();
			say(t("saved"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function nameField(old) {
	return field("name", t("rule.name"), old ? { value: old, readonly: true } : { help: t("rule.name_help"), autocapitalize: "none", spellcheck: "false" });
}

export function place(accessPoint) {
	if (accessPoint === "*") {
		return t("point.all");
	}
	const [door, way] = accessPoint.split("/");
	return way ? t("point." + way, door) : door;
}

// Rows of two menus: where, and during which schedule.
function policyEditor(policies, { doors, schedules }) {
	const points = ["*", ...new Set([...doors.flatMap(({ door }) => [door + "/entry", door + "/exit"]), ...policies.map((one) => one.accessPoint)])].filter((point, index, list) => list.indexOf(point) === index);
	const list = h("div", { class: "periods" });
	const row = (policy) => {
		const node = h("div", { class: "period" },
			h("label", null, t("policy.where"), " ", h("select", { class: "point" }, points.map((point) =>
				h("option", { value: point, selected: point === policy.accessPoint }, place(point))))),
			h("label", null, t("policy.when"), " ", h("select", { class: "schedule" },
				h("option", { value: "" }, t("policy.always")), schedules.map(({ name }) =>
					h("option", { value: name, selected: name === policy.schedule }, name)))),
			button(t("remove"), () => {
				node.remove();
				more.focus();
			}, { kind: "small", sign: "bin" }));
		return node;
	};
	const more = button(t("policy.add"), () => {
		const node = row({ accessPoint: "*", schedule: null });
		list.append(node);
		node.querySelector("select").focus();
	}, { sign: "plus" });
	list.append(...policies.map(row));
	return {
		node: h("div", { class: "editor" }, list, more),
		policies: () => [...list.children].map((node) => ({
			accessPoint: node.querySelector(".point").value, schedule: node.querySelector(".schedule").value || null,
		})),
	};
}

function editProfile(profile, state) {
	const editor = policyEditor(profile?.policies ?? [{ accessPoint: "*", schedule: null }], state);
	const box = dialog(profile ? t("profile.edit", profile.name) : t("profile.add"), form([
		nameField(profile?.name), h("p", { class: "help" }, t("profile.help")), editor.node,
	], {
		submit: t("save"),
		send: ({ name }) => put("profiles", name, { policies: editor.policies() }, box),
		more: button(t("cancel"), () => box.close()),
	}));
}

function specialsEditor(specials, groups) {
	const list = h("div", { class: "periods" });
	const row = (special) => {
		const first = special.periods?.[0];
		const more = special.periods?.slice(1) ?? [];
		const closed = h("input", { type: "checkbox", class: "closed", checked: !first });
		const from = h("input", { type: "time", class: "from", value: first ? hhmm(first.from) : "09:00" });
		const to = h("input", { type: "time", class: "to", value: first ? hhmm(first.to % 1440) : "13:00" });
		closed.onchange = () => {
			from.disabled = closed.checked;
			to.disabled = closed.checked;
		};
		closed.onchange();
		const node = h("div", { class: "period" },
			h("label", null, t("special.on"), " ", h("select", { class: "group" }, groups.map(({ group }) =>
				h("option", { value: group, selected: group === special.group }, group)))),
			h("label", null, closed, " ", t("special.closed")),
			h("label", null, t("week.from"), " ", from),
			h("label", null, t("week.to"), " ", to),
			button(t("remove"), () => node.remove(), { kind: "small", sign: "bin" }));
		node.more = more;
		return node;
	};
	list.append(...specials.map(row));
	return {
		node: h("div", { class: "editor" }, list, groups.length > 0 && button(t("special.add_row"), () => {
			const node = row({ group: groups[0].group, periods: [] });
			list.append(node);
			node.querySelector("select").focus();
		}, { sign: "plus" })),
		specials: () => [...list.children].map((node) => {
			const minutes = (name) => node.querySelector(name).value.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
			return {
				group: node.querySelector(".group").value,
				periods: node.querySelector(".closed").checked ? []
					: [{ from: minutes(".from"), to: minutes(".to") || 1440 }, ...node.more],
			};
		}),
	};
}

function editSchedule(schedule, { groups }) {
	const week = weekEditor(schedule?.periods ?? [], schedule?.name ?? "");
	const specials = specialsEditor(schedule?.specials ?? [], groups);
	const box = dialog(schedule ? t("schedule.edit", schedule.name) : t("schedule.add"), form([
		nameField(schedule?.name), week.node,
		h("h3", null, t("special.title")), h("p", { class: "help" }, t("special.help")), specials.node,
	], {
		submit: t("save"),
		send: ({ name }) => put("schedules", name, { periods: week.periods(), specials: specials.specials() }, box),
		more: button(t("cancel"), () => box.close()),
	}));
}

function editGroup(group) {
	const list = h("div", { class: "periods" });
	const row = ({ date = "", label = "" }) => {
		const node = h("div", { class: "period" },
			h("label", null, t("date"), " ", h("input", { class: "date", value: date, placeholder: "2026-05-15", size: 10 })),
			h("label", null, t("special.label"), " ", h("input", { class: "label", value: label, size: 12 })),
			button(t("remove"), () => node.remove(), { kind: "small", sign: "bin" }));
		return node;
	};
	list.append(...(group?.days ?? [{}]).map(row));
	const box = dialog(group ? t("group.edit", group.group) : t("group.add"), form([
		nameField(group?.group), h("p", { class: "help" }, t("group.help")),
		h("div", { class: "editor" }, list, button(t("group.add_day"), () => {
			const node = row({});
			list.append(node);
			node.querySelector("input").focus();
		}, { sign: "plus" })),
	], {
		submit: t("save"),
		send: ({ name }) => put("special-days", name, {
			days: [...list.children].map((node) => ({ date: node.querySelector(".date").value.trim(), label: node.querySelector(".label").value.trim() }))
				.filter(({ date }) => date),
		}, box),
		more: button(t("cancel"), () => box.close()),
	}));
}

function editHours(hours, { doors, schedules }) {
	const names = [...new Set(doors.map(({ door }) => door))];
	const box = dialog(hours ? t("hours.edit", hours.door) : t("hours.add"), form([
		field("door", t("hours.door"), { kind: "select", value: hours?.door, options: (hours ? [hours.door] : names).map((name) => [name, name]) }),
		field("schedule", t("hours.schedule"), { kind: "select", value: hours?.schedule, options: schedules.map(({ name }) => [name, name]) }),
		field("firstPerson", t("hours.first"), { kind: "check", value: hours?.firstPerson, help: t("hours.first_help") }),
	], {
		submit: t("save"),
		send: ({ door, ...body }) => put("door-hours", door, body, box),
		more: button(t("cancel"), () => box.close()),
	}));
}

function everyYear(date) {
	// "12-25" is every year's.
	return /^\d\d-\d\d$/.test(date) ? t("special.yearly", day("2024-" + date, false).replace(/^\S+ /, "")) : day(date);
}

function section(title, help, add, content) {
	const id = "rules-" + title.replace(/\W/g, "");
	return h("section", { "data-key": id, class: "card", "aria-labelledby": id },
		h("div", { class: "head" }, h("h2", { id }, title), h("div", { class: "actions" }, add)),
		h("p", { class: "quiet" }, help), content);
}

export default {
	scopes: ["people"],
	topics: ["people", "rules"],

	async load(state) {
		const [profiles, schedules, groups, hours, doors] = await Promise.all([
			all("profiles"), all("schedules"), all("special-days"), all("door-hours"),
			session.scopes.has("now") ? get("doors") : { items: [] }]);
		Object.assign(state, { profiles, schedules, groups, hours, doors: doors.items });
	},

	render(state) {
		const { profiles, schedules, groups, hours, doors } = state;
		return [
			h("h1", { tabindex: "-1" }, t("view.rules")),
			section(t("profiles"), t("profiles.help"), button(t("profile.add"), () => editProfile(null, state), { sign: "plus" }),
				table(t("profiles"), [
					{ head: t("profile"), row: true, cell: (one) => one.name },
					{ head: t("policy.opens"), cell: (one) => one.policies.length ? h("ul", { class: "plain" }, one.policies.map((policy) =>
						h("li", null, place(policy.accessPoint), t("colon"), policy.schedule ?? t("policy.always")))) : t("policy.nothing") },
					{ head: t("actions"), unseen: true, class: "do", cell: (one) => [
						button(t("edit"), () => editProfile(one, state), { kind: "small", sign: "edit", name: t("profile.edit", one.name) }),
						button(t("remove"), () => remove("profiles", one.name), { kind: "small", sign: "bin", name: t("rule.remove_title", one.name) })] },
				], profiles, { key: (one) => one.name, none: t("profiles.none") })),
			section(t("schedules"), t("schedules.help"), button(t("schedule.add"), () => editSchedule(null, state), { sign: "plus" }),
				schedules.length ? h("ul", { class: "schedules" }, schedules.map((schedule) =>
					h("li", { "data-key": schedule.name },
						h("div", { class: "head" }, h("h3", null, schedule.name), h("div", { class: "actions" },
							button(t("edit"), () => editSchedule(schedule, state), { kind: "small", sign: "edit", name: t("schedule.edit", schedule.name) }),
							button(t("remove"), () => remove("schedules", schedule.name), { kind: "small", sign: "bin", name: t("rule.remove_title", schedule.name) }))),
						weekDrawing(schedule.periods, schedule.name),
						h("ul", { class: "plain" }, weekText(schedule.periods).map((line) => h("li", null, line)),
							schedule.specials.map((special) => h("li", null, t("special.line", special.group), special.periods.length
								? special.periods.map(({ from, to }) => t("week.times", hhmm(from), hhmm(to % 1440))).join(", ") : t("special.closed_word")))))))
					: h("p", { class: "none" }, t("schedules.none"))),
			section(t("specials"), t("specials.help"), button(t("group.add"), () => editGroup(null), { sign: "plus" }),
				table(t("specials"), [
					{ head: t("group"), row: true, cell: (one) => one.group },
					{ head: t("special.dates"), cell: (one) => h("ul", { class: "plain" }, one.days.map(({ date, label }) =>
						h("li", null, everyYear(date), label && h("span", { class: "quiet" }, " ", label)))) },
					{ head: t("actions"), unseen: true, class: "do", cell: (one) => [
						button(t("edit"), () => editGroup(one), { kind: "small", sign: "edit", name: t("group.edit", one.group) }),
						button(t("remove"), () => remove("special-days", one.group), { kind: "small", sign: "bin", name: t("rule.remove_title", one.group) })] },
				], groups, { key: (one) => one.group, none: t("specials.none") })),
			section(t("hours.title"), t("hours.help"), button(t("hours.add"), () => editHours(null, state), { sign: "plus", disabled: !doors.length || !schedules.length }),
				table(t("hours.title"), [
					{ head: t("hours.door"), row: true, cell: (one) => one.door },
					{ head: t("hours.schedule"), cell: (one) => one.schedule },
					{ head: t("hours.first"), cell: (one) => t(one.firstPerson ? "yes" : "no") },
					{ head: t("actions"), unseen: true, class: "do", cell: (one) => [
						button(t("edit"), () => editHours(one, state), { kind: "small", sign: "edit", name: t("hours.edit", one.door) }),
						button(t("remove"), () => remove("door-hours", one.door), { kind: "small", sign: "bin", name: t("hours.remove", one.door) })] },
				], hours, { key: (one) => one.door, none: t("hours.none") })),
		];
	},
};
