// The calendar for other programs: the public one, and addresses that tell of every event.

import { button, dialog, field, form, h, table } from "./dom.js";
import { call, link, session } from "./api.js";
import { t } from "./words.js";
import { copyable } from "./file.js";
import { moment } from "./when.js";
import { confirmed, secret } from "./view_settings.js";
import { refresh, say } from "./app.js";

export function calendar() {
	return h("section", { class: "card", "data-key": "calendar", "aria-labelledby": "calendar-title" },
		h("h2", { id: "calendar-title" }, t("calendar")),
		h("p", { class: "quiet" }, t("calendar.help")),
		copyable(t("calendar"), new URL(link("calendar.ics"), location.href).href, () => say(t("copied"))));
}

// The office keeps a fingerprint of the address: it is told once, and never again.
function add() {
	const box = dialog(t("feed.add"), form([
		field("name", t("feed.name"), { required: true, maxlength: 64, help: t("feed.name_help") }),
	], {
		submit: t("feed.do"),
		send: async (values) => {
			const made = await call("POST", "calendar-feeds", values);
			box.close();
			refresh();
			secret(t("feed.address", made.name), new URL(made.address, location.href).href);
		},
		more: button(t("cancel"), () => box.close()),
	}));
}

export function feeds(items) {
	return session.scopes.has("settings") && h("section", { class: "card", "data-key": "feeds", "aria-labelledby": "feeds-title" },
		h("div", { class: "head" }, h("h2", { id: "feeds-title" }, t("feeds")),
			h("div", { class: "actions" }, button(t("feed.add"), add, { sign: "plus" }))),
		h("p", { class: "quiet" }, t("feeds.help")),
		table(t("feeds"), [
			{ head: t("feed.name"), row: true, cell: (one) => one.name },
			{ head: t("feed.made"), cell: (one) => moment(one.made) },
			{ head: t("actions"), unseen: true, class: "do", cell: (one) =>
				button(t("remove"), () => confirmed(t("feed.remove", one.name), t("feed.remove_help"), "calendar-feeds/" + one.feed),
					{ kind: "small", sign: "bin", name: t("feed.remove", one.name) }) },
		], items, { key: (one) => one.feed, none: t("feeds.none") }));
}
