// Logging in, and the five questions of the first start.

import { button, dialog, field, form, h } from "./dom.js";
import { call, Problem, session } from "./api.js";
import { language, t } from "./words.js";

export function login(entered, expired) {
	return h("div", { class: "narrow" },
		h("h1", { tabindex: "-1" }, t("login.title")),
		expired && h("p", { class: "refusal", role: "alert" }, t("login.expired")),
		form([
			field("name", t("login.name"), { autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true }),
			field("password", t("login.password"), { kind: "password", autocomplete: "current-password", required: true }),
		], { submit: t("login.do"), send: async (values) => entered(await call("POST", "session", values)) }),
		h("p", { class: "quiet" }, h("a", { href: "/board" }, t("board.link"))),
		h("p", { class: "quiet" }, h("a", { href: "/notice?lang=" + language() }, t("notice.link"))));
}

// Of whoever is logged in; changed(answer) is told of the session that goes on.
export function ownPassword(changed) {
	const password = (name, label, more) => field(name, label, { kind: "password", required: true, ...more });
	const box = dialog(t("password.title"), form([
		password("password", t("password.old"), { autocomplete: "current-password" }),
		password("newPassword", t("account.new_password"), { autocomplete: "new-password", help: t("first.password_help") }),
		password("again", t("password.again"), { autocomplete: "new-password", help: t("password.help") }),
		// For programs that keep passwords, which would not know whose this is.
		h("input", { class: "unseen", autocomplete: "username", value: session.account, readonly: true, tabindex: "-1", "aria-hidden": "true" }),
	], {
		submit: t("password.do"),
		send: async ({ password: old, newPassword, again }) => {
			if (newPassword !== again) {
				throw new Problem(0, { detail: t("password.differ"), pointer: "/again" });
			}
			changed(await call("PUT", "session/password", { password: old, newPassword }));
			box.close();
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

function question(number, title, ...content) {
	return h("fieldset", null, h("legend", null, h("span", { class: "number" }, String(number)), " ", title), content);
}

// Who does not sit at the office's own machine is asked for the code in its log.
export function firstRun(entered) {
	const code = field("code", t("first.code"), { help: t("first.code_help"), autocapitalize: "none", spellcheck: "false" });
	code.hidden = true;
	return h("div", { class: "narrow" },
		h("h1", { tabindex: "-1" }, t("first.title")),
		h("p", null, t("first.intro")),
		form([
			question(1, t("first.space"), field("title", t("first.title_label"), { required: true })),
			question(2, t("first.capacity"),
				h("div", { class: "row" },
					field("capacityLegal", t("setting.capacityLegal"), { kind: "number", min: 0, inputmode: "numeric" }),
					field("capacitySoft", t("setting.capacitySoft"), { kind: "number", min: 0, inputmode: "numeric", help: t("first.soft_help") }))),
			question(3, t("first.language"),
				field("language", t("first.language_label"), { kind: "select", value: language(), options: [["fr", "Français"], ["en", "English"]] })),
			question(4, t("first.exits"),
				field("exitsBadged", t("first.exits_label"), { kind: "check", help: t("first.exits_help") })),
			question(5, t("first.admin"),
				field("name", t("login.name"), { autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true }),
				field("password", t("login.password"), { kind: "password", autocomplete: "new-password", required: true, help: t("first.password_help") })),
			code,
		], {
			submit: t("first.do"),
			send: async (values) => {
				const said = Object.entries(values).filter(([, value]) => value !== null && value !== "");
				try {
					await call("POST", "first-run", Object.fromEntries(said));
				} catch (problem) {
					code.hidden &&= problem.word !== "first_code";
					throw problem;
				}
				entered(await call("POST", "session", { name: values.name, password: values.password }));
			},
		}));
}

// A reason is asked before something that others will ask about later.
export function askReason(title, { submit, explain, fields = [], suggestions = [], send, kind, reason = true }) {
	let box;
	const area = reason && field("reason", t("reason"), { required: true, help: explain });
	const quick = suggestions.length > 0 && h("p", { class: "chips" }, suggestions.map((text) =>
		button(text, () => {
			const input = area.querySelector("input");
			input.value = text;
			input.focus();
		}, { kind: "chip" })));
	const asked = form([!reason && explain && h("p", null, explain), fields, area, quick], {
		submit, kind,
		send: async (values) => {
			await send(values);
			box.close();
		},
		more: button(t("cancel"), () => box.close()),
	});
	box = dialog(title, asked);
	return box;
}
