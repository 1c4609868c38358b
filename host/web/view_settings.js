// Settings: the space's own, who may log in, tokens, webhooks, the audit, and notices to print.

import { button, dialog, fact, field, form, h, icon, table, tag } from "./dom.js";
import { call, get, Problem, query, session } from "./api.js";
import { has, language, t, word } from "./words.js";
import { fromLocal, moment } from "./when.js";
import { copyable } from "./file.js";
import { hhmm } from "./week.js";
import { refresh, say } from "./app.js";

const ROLES = ["operator", "manager", "auditor"];
const SCOPES = ["now", "doors", "people", "history", "figures", "audit", "settings"];

// A setting comes as a bare value or with what is known of it.
function described(answer) {
	if (Array.isArray(answer.items)) {
		return answer.items.map((one) => ({ name: one.key ?? one.name, ...one }));
	}
	return Object.entries(answer).map(([name, value]) =>
		value && typeof value === "object" && "value" in value ? { name, ...value } : { name, value });
}

const CHOICES = { language: ["fr", "en"], halfDayRule: ["clock", "duration"] };
// Kept as minutes of the day, shown as a time.
const TIMES = ["halfDayAtMin"];
// Kept as seconds or minutes, shown as hours and minutes: how many make a minute, and the most hours.
const LENGTHS = { halfDayS: { unit: 60, most: 24 }, rejoinMin: { unit: 1, most: 25 } };

function lengthText(value, unit) {
	const minutes = Math.floor(value / unit);
	return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

// What was not touched is kept to the second.
function lengthValue(name, text, old) {
	const { unit, most } = LENGTHS[name];
	if (text === lengthText(old, unit)) {
		return old;
	}
	const found = /^(\d{1,3})(?:[:h](\d{1,2})?)?$/.exec(text.replace(/\s/g, ""));
	const minutes = found ? Number(found[1]) * 60 + Number(found[2] ?? 0) : Infinity;
	if (minutes > most * 60 || Number(found[2] ?? 0) > 59) {
		throw new Problem(0, { detail: t("setting.length.wrong", most), pointer: "/" + name });
	}
	return minutes * unit;
}

function settingField({ name, value, choices = CHOICES[name], text }) {
	const label = has("setting." + name) ? t("setting." + name) : text ?? name;
	const help = has("setting." + name + ".help") ? t("setting." + name + ".help") : undefined;
	if (typeof value === "boolean") {
		return field(name, label, { kind: "check", value, help });
	}
	if (choices) {
		return field(name, label, { kind: "select", value, help, options: choices.map((one) => [one, has("choice." + one) ? t("choice." + one) : one]) });
	}
	if (TIMES.includes(name)) {
		return field(name, label, { kind: "time", value: hhmm(value), help });
	}
	if (name in LENGTHS) {
		return field(name, label, { value: lengthText(value, LENGTHS[name].unit), help: help ?? t("setting.length.help") });
	}
	return field(name, label, typeof value === "number" ? { kind: "number", value, help, inputmode: "numeric" } : { value, help });
}

function settingsCard(settings) {
	const known = described(settings);
	return h("section", { class: "card", "data-key": "settings", "aria-labelledby": "settings-title" },
		h("h2", { id: "settings-title" }, t("settings.space")),
		h("div", { "data-keep": JSON.stringify(settings) + t("name") }, form(h("div", { class: "row" }, known.map(settingField)), {
			submit: t("save"),
			send: async (values) => {
				for (const name of TIMES.filter((one) => one in values)) {
					values[name] = values[name].split(":").reduce((hours, minutes) => Number(hours) * 60 + Number(minutes));
				}
				for (const { name, value } of known.filter((one) => one.name in LENGTHS)) {
					values[name] = lengthValue(name, values[name], value);
				}
				const changes = Object.fromEntries(known.filter(({ name, value }) => values[name] !== (value ?? "")).map(({ name }) => [name, values[name]]));
				await call("PATCH", "settings", changes);
				say(t("saved"));
				refresh();
			},
		})));
}

// What the doors have to know as well stands in the file that all programs read.
function clockCard() {
	return section("clock", null, [
		h("dl", { class: "facts" },
			fact(t("clock.zone"), session.timeZone),
			fact(t("clock.cut"), hhmm(session.dayCut * 60))),
		h("p", { class: "help" }, t("clock.where"), " ", h("code", null, "time_zone"), ", ", h("code", null, "day_cut"))]);
}

function editAccount(account) {
	const own = account?.name === session.account;
	const box = dialog(account ? t("account.edit", account.name) : t("account.add"), form([
		!account && field("name", t("login.name"), { autocapitalize: "none", spellcheck: "false" }),
		field("role", t("account.role"), { kind: "select", value: account?.role ?? "operator", options: ROLES.map((role) => [role, word("role", role) + t("colon") + t("role." + role + ".help")]) }),
		own ? h("p", { class: "help" }, t("account.own_password")) : field("password", account ? t("account.new_password") : t("login.password"), { kind: "password", autocomplete: "new-password", help: account ? t("account.keep_password") : t("first.password_help") }),
	], {
		submit: t("save"),
		send: async (values) => {
			if (account && !values.password) {
				delete values.password;
			}
			await call(account ? "PATCH" : "POST", account ? "accounts/" + account.id : "accounts", account ? values : { ...values, language: language() });
			box.close();
			say(t("saved"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

export function confirmed(title, help, path, { method = "DELETE", body, submit = t("remove"), kind = "danger", done } = {}) {
	const box = dialog(title, form([h("p", null, help)], {
		submit, kind,
		send: async () => {
			const answer = await call(method, path, body);
			box.close();
			say(t("saved"));
			refresh();
			done?.(answer);
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

export function secret(title, text) {
	dialog(title, [h("p", null, t("token.once")), h("div", { class: "secret" }, copyable(title, text, () => {}))], { close: t("close") });
}

function addToken() {
	const box = dialog(t("token.add"), form([
		field("name", t("token.name"), { help: t("token.name_help") }),
		h("fieldset", { class: "choices", "data-field": "scopes" }, h("legend", null, t("token.scopes")), SCOPES.map((scope) =>
			h("label", { class: "inline" }, h("input", { type: "checkbox", class: "scope", value: scope }), " ", word("scope", scope))),
		h("p", { class: "wrong", id: "scopes-wrong" })),
	], {
		submit: t("token.do"),
		send: async ({ name }, node) => {
			const made = await call("POST", "tokens", { name, scopes: [...node.querySelectorAll(".scope:checked")].map((one) => one.value) });
			box.close();
			refresh();
			secret(t("token.secret", name), made.secret ?? made.token ?? "");
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

const HOOK_TYPES = ["visit.opened", "visit.closed", "visit.corrected", "visit.withdrawn", "occupancy.changed", "access.granted", "access.denied",
	"access.taken", "access.not_taken", "access.overridden", "door.opened", "door.closed", "door.mode_changed", "door.alarm", "door.alarm_ended",
	"door.fault", "reader.online", "reader.offline", "reader.fault", "presence.frozen", "presence.thawed"];
const HOOK_TONES = { active: "ok", failing: "warn" };

function addHook() {
	const box = dialog(t("hook.add"), form([
		field("url", t("hook.url"), { kind: "url", help: t("hook.help"), placeholder: "https://" }),
		h("fieldset", { class: "choices", "data-field": "types" }, h("legend", null, t("hook.types")), HOOK_TYPES.map((type) =>
			h("label", { class: "inline" }, h("input", { type: "checkbox", class: "type", value: type }), " ", h("code", null, type))),
		h("p", { class: "wrong", id: "types-wrong" })),
	], {
		submit: t("save"),
		send: async ({ url }, node) => {
			const made = await call("POST", "webhooks", { url, types: [...node.querySelectorAll(".type:checked")].map((one) => one.value) });
			box.close();
			refresh();
			if (made?.secret) {
				secret(t("hook.secret"), made.secret);
			}
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

async function deliveries(hook) {
	const { items } = await get(`webhooks/${hook.id}/deliveries`);
	const send = hook.active && form([], {
		submit: t("hook.test"),
		send: async () => {
			await call("POST", `webhooks/${hook.id}/test`);
			box.close();
			say(t("hook.test_sent"));
		},
		more: button(t("hook.renew"), () => {
			box.close();
			renewHook(hook);
		}),
	});
	const box = dialog(t("hook.deliveries"), [send, table(t("hook.deliveries"), [
		{ head: t("audit.at"), row: true, cell: (one) => moment(one.at ?? one.due) },
		{ head: t("kind"), cell: (one) => one.type ?? "–" },
		{ head: t("state"), cell: (one) => word("delivery", one.state) },
		{ head: t("hook.answer"), cell: (one) => String(one.status ?? one.error ?? "–") },
		{ head: t("hook.tries"), class: "n", cell: (one) => String(one.attempts) },
	], items, { none: t("hook.none_sent") })], { close: t("close") });
}

function switchHook(hook) {
	confirmed(t(hook.active ? "hook.pause" : "hook.resume"), hook.active ? t("hook.pause_help") : hook.url, "webhooks/" + hook.id,
		{ method: "PATCH", body: { active: !hook.active }, submit: t(hook.active ? "hook.pause" : "hook.resume"), kind: hook.active ? "danger" : "primary" });
}

function renewHook(hook) {
	confirmed(t("hook.renew"), t("hook.renew_help"), `webhooks/${hook.id}/secret`,
		{ method: "POST", submit: t("hook.renew"), kind: "primary", done: (made) => secret(t("hook.secret"), made.secret) });
}

function editZone(zone) {
	const box = dialog(t("zones.edit", zone.zone), form([
		field("legal", t("setting.capacityLegal"), { kind: "number", min: 0, value: zone.legal ?? "", inputmode: "numeric" }),
		field("soft", t("setting.capacitySoft"), { kind: "number", min: 0, value: zone.soft ?? "", inputmode: "numeric", help: t("first.soft_help") }),
	], {
		submit: t("save"),
		send: async (limits) => {
			await call("PATCH", "zones/" + encodeURIComponent(zone.zone), limits);
			box.close();
			say(t("saved"));
			refresh();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function section(name, action, content) {
	return h("section", { class: "card", "data-key": name, "aria-labelledby": name + "-title" },
		h("div", { class: "head" }, h("h2", { id: name + "-title" }, t(name)), action && h("div", { class: "actions" }, action)),
		h("p", { class: "quiet" }, t(name + ".help")), content);
}

function notices() {
	return section("notices", null, h("ul", { class: "plain" }, [["fr", "a4"], ["en", "a4"], ["fr", "full"], ["en", "full"]].map(([lang, size]) =>
		h("li", null, h("a", { href: "/notice" + query({ lang, size }), target: "_blank", rel: "noopener" }, icon("print"), " ", t("notice." + size + "." + lang))))));
}

function auditCard(state) {
	const { audit, more, since } = state;
	return section("audit", null, [
		h("div", { class: "daybar" },
			h("label", { for: "since" }, t("audit.since")),
			h("input", { type: "date", id: "since", value: since ?? "", onchange: (event) => {
				location.hash = "#/settings" + query({ since: event.target.value });
			} })),
		table(t("audit"), [
			{ head: t("audit.at"), row: true, cell: (one) => moment(one.at) },
			{ head: t("audit.by"), cell: (one) => one.by },
			{ head: t("audit.act"), cell: (one) => word("act", one.act) },
			{ head: t("audit.object"), cell: (one) => one.object },
			{ head: t("reason"), cell: (one) => one.reason || "–" },
		], audit, { key: (one) => one.id ?? one.at + one.act + one.object, none: t("audit.none") }),
		more && h("p", null, button(t("more"), () => {
			state.auditPages++;
			return refresh();
		}))]);
}

// As many pages as were asked for: what is new moves the others along.
async function loadAudit(state) {
	const since = state.since && fromLocal(state.since + "T00:00");
	state.auditPages ??= 1;
	const items = [];
	let after = null;
	for (let page = 0; page < state.auditPages; page++) {
		const part = await get("audit" + query({ since, after, limit: 200 }));
		items.push(...part.items);
		after = part.next;
		if (!after) {
			break;
		}
	}
	Object.assign(state, { audit: items, more: after !== null });
}

export default {
	scopes: ["settings", "audit"],
	topics: ["settings"],

	async load(state) {
		state.since = state.search.get("since");
		if (session.scopes.has("settings")) {
			const [settings, zones, accounts, tokens, hooks] = await Promise.all([
				get("settings"), get("zones"), get("accounts"), get("tokens"), get("webhooks")]);
			Object.assign(state, { settings, zones: zones.items, accounts: accounts.items, tokens: tokens.items, hooks: hooks.items });
		}
		if (session.scopes.has("audit")) {
			await loadAudit(state);
		}
	},

	render(state) {
		return [
			h("h1", { tabindex: "-1" }, t("view.settings")),
			state.settings && h("div", { class: "columns", "data-key": "columns" },
				h("div", { class: "wide" }, settingsCard(state.settings), clockCard(), section("zones", null, table(t("zones"), [
					{ head: t("zone"), row: true, cell: (one) => one.zone },
					{ head: t("setting.capacityLegal"), class: "n", cell: (one) => one.legal ?? "–" },
					{ head: t("setting.capacitySoft"), class: "n", cell: (one) => one.soft ?? "–" },
					{ head: t("actions"), unseen: true, class: "do", cell: (one) =>
						button(t("edit"), () => editZone(one), { kind: "small", sign: "edit", name: t("zones.edit", one.zone) }) },
				], state.zones, { key: (one) => one.zone, none: t("zones.none") })), notices()),
				h("div", { class: "aside" },
					section("accounts", button(t("account.add_short"), () => editAccount(null), { sign: "plus" }), table(t("accounts"), [
						{ head: t("login.name"), row: true, cell: (one) => one.name },
						{ head: t("account.role"), cell: (one) => word("role", one.role) },
						{ head: t("actions"), unseen: true, class: "do", cell: (one) => [
							button(t("edit"), () => editAccount(one), { kind: "small", sign: "edit", name: t("account.edit", one.name) }),
							one.name !== session.account && button(t("remove"), () => confirmed(t("account.remove", one.name), t("account.remove_help"), "accounts/" + one.id),
								{ kind: "small", sign: "bin", name: t("account.remove", one.name) })] },
					], state.accounts)),
					section("tokens", button(t("token.add_short"), addToken, { sign: "plus" }), table(t("tokens"), [
						{ head: t("token.name"), row: true, cell: (one) => one.name },
						{ head: t("token.scopes"), cell: (one) => h("span", { class: "tags" }, one.scopes.map((scope) => tag(word("scope", scope)))) },
						{ head: t("actions"), unseen: true, class: "do", cell: (one) =>
							button(t("remove"), () => confirmed(t("token.remove", one.name), t("token.remove_help"), "tokens/" + one.id), { kind: "small", sign: "bin", name: t("token.remove", one.name) }) },
					], state.tokens, { none: t("tokens.none") })),
					section("webhooks", button(t("hook.add_short"), addHook, { sign: "plus" }), table(t("webhooks"), [
						{ head: t("hook.url"), row: true, cell: (one) => one.url },
						{ head: t("hook.types"), cell: (one) => one.types.join(", ") },
						{ head: t("state"), cell: (one) => [tag(word("hook", one.state), HOOK_TONES[one.state] ?? "warn", one.active ? undefined : "off"),
							one.failingSince && " " + t("hook.since", moment(one.failingSince))] },
						{ head: t("actions"), unseen: true, class: "do", cell: (one) => [
							button(t("hook.deliveries"), () => deliveries(one), { kind: "small", name: t("hook.deliveries") + " " + one.url }),
							button(t(one.active ? "hook.pause_short" : "hook.resume_short"), () => switchHook(one), { kind: "small", name: t(one.active ? "hook.pause_short" : "hook.resume_short") + " " + one.url }),
							button(t("remove"), () => confirmed(t("hook.remove"), one.url, "webhooks/" + one.id), { kind: "small", sign: "bin", name: t("hook.remove") + " " + one.url })] },
					], state.hooks, { none: t("webhooks.none") })))),
			state.audit && auditCard(state),
		];
	},
};
