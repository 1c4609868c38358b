// The public board: counts, and the names of those who asked to be named.

import { h, icon, show } from "./dom.js";
import { language, languages, setLanguage, t } from "./words.js";
import { clock } from "./when.js";

const RENEW_MS = 5000;
const main = document.querySelector("main");
const state = { board: null, at: null, lost: false };

function zone(one) {
	return h("li", { "data-key": one.zone },
		h("span", { class: "zone" }, one.zone),
		h("span", { class: "count" }, one.atLeast && h("span", { class: "least" }, t("now.atleast"), " "),
			h("strong", null, String(one.count)), h("span", null, " ", t(one.count === 1 ? "now.person" : "now.people"))));
}

function draw() {
	document.documentElement.lang = language();
	document.title = t("board.title");
	const { board } = state;
	show(main,
		h("header", null,
			h("h1", null, board?.title ?? t("board.title")),
			h("ul", { class: "languages", "aria-label": t("language") }, languages.map(([code, own]) =>
				h("li", { lang: code }, h("button", {
					type: "button", "aria-pressed": String(code === language()), onclick: () => {
						setLanguage(code);
						draw();
					},
				}, code.toUpperCase(), h("span", { class: "unseen" }, " ", own)))))),
		board && h("ul", { class: "zones" }, board.zones.map(zone)),
		board && board.names.length > 0 && h("section", { "aria-labelledby": "names" },
			h("h2", { id: "names" }, t("board.names")),
			h("ul", { class: "names" }, board.names.map((one) => {
				const name = typeof one === "string" ? one : one.name;
				return h("li", { "data-key": name }, name);
			}))),
		h("p", { class: state.lost && !state.none ? "refusal" : "quiet" }, state.lost && !state.none && icon("off"),
			state.none ? t("board.none") : state.lost ? state.at ? t("board.old", clock(state.at)) : t("error.unreachable") : state.at && t("board.at", clock(state.at))),
		h("p", { class: "quiet" }, h("a", { href: "/notice?lang=" + language() }, t("notice.link"))));
}

async function renew() {
	try {
		const answer = await fetch("/board.json", { cache: "no-store", signal: AbortSignal.timeout(RENEW_MS * 2) });
		state.none = answer.status === 404;
		state.board = state.none ? null : state.board;
		if (!answer.ok) {
			throw new Error(String(answer.status));
		}
		state.board = await answer.json();
		state.at = new Date();
		state.lost = false;
	} catch {
		state.lost = true;
	}
	draw();
	setTimeout(renew, RENEW_MS);
}

document.documentElement.lang = language();
renew();
