// Building and renewing the page. Nothing here ever reads markup from a string.

import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "rect", "line", "g", "text", "circle", "polyline", "title"]);

// h("td", {class: "n", onclick: f}, "text", node, [nodes], null)
export function h(tag, props, ...children) {
	const svg = SVG_TAGS.has(tag) && !(tag === "title" && !props);
	const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
	for (const [name, value] of Object.entries(props ?? {})) {
		if (value === undefined || value === null || value === false) {
			continue;
		}
		if (name.startsWith("on")) {
			node[name] = value;
		} else if (name === "value" && "value" in node && tag !== "option" && tag !== "li") {
			node.value = value;
			node.setAttribute("value", value);
		} else {
			node.setAttribute(name, value === true ? "" : value);
		}
	}
	node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
	return node;
}

const HANDLERS = ["onclick", "onchange", "oninput", "onsubmit", "onkeydown", "ontoggle"];

// Makes `old` look like `fresh` and keeps the nodes that stay: focus, selection and what somebody is
// typing survive a renewal. Children are told apart by data-key, else by kind and order.
function renew(old, fresh) {
	// A form that somebody may be filling in stays as it is.
	if (old.dataset?.keep && old.dataset.keep === fresh.dataset.keep) {
		return;
	}
	const untouched = old.nodeName === "INPUT" && old.value === (old.getAttribute("value") ?? "") && old.checked === old.defaultChecked;
	for (const { name } of [...old.attributes]) {
		if (!fresh.hasAttribute(name) && name !== "open") {
			old.removeAttribute(name);
		}
	}
	for (const { name, value } of fresh.attributes) {
		if (old.getAttribute(name) !== value) {
			old.setAttribute(name, value);
		}
	}
	for (const name of HANDLERS) {
		old[name] = fresh[name];
	}
	if (["INPUT", "SELECT", "TEXTAREA"].includes(old.nodeName)) {
		if (old.nodeName === "SELECT" && !old.isEqualNode(fresh)) {
			const value = old.value;
			renewChildren(old, fresh);
			old.value = value;
		}
		if (untouched && old.type === "checkbox") {
			old.checked = fresh.checked;
		} else if (untouched && old.type !== "file") {
			old.value = fresh.value;
		}
		return;
	}
	renewChildren(old, fresh);
}

function alike(a, b) {
	return a.nodeType === b.nodeType && a.nodeName === b.nodeName &&
		(a.nodeType !== 1 || a.getAttribute("data-key") === b.getAttribute("data-key"));
}

function keyed(node) {
	return node.nodeType === 1 && node.hasAttribute("data-key");
}

function renewChildren(old, fresh) {
	let at = old.firstChild;
	const drop = () => {
		const gone = at;
		at = at.nextSibling;
		gone.remove();
	};
	for (const wanted of [...fresh.childNodes]) {
		let found = at;
		while (found && !alike(found, wanted)) {
			found = found.nextSibling;
		}
		if (!found) {
			old.insertBefore(wanted, at);
			continue;
		}
		// What stands before it goes, unless its turn comes later.
		while (at !== found && !(keyed(at) && [...fresh.childNodes].some((child) => alike(at, child)))) {
			drop();
		}
		if (at === found) {
			at = at.nextSibling;
		} else {
			old.insertBefore(found, at);
		}
		if (found.nodeType === 1) {
			renew(found, wanted);
		} else if (found.data !== wanted.data) {
			found.data = wanted.data;
		}
	}
	while (at) {
		drop();
	}
}

// Whoever stood on what is gone goes on at the heading, and not at the page's very beginning.
export function show(container, ...children) {
	const within = container.contains(document.activeElement);
	renewChildren(container, h("div", null, ...children));
	if (within && !container.contains(document.activeElement)) {
		container.querySelector("h1")?.focus({ preventScroll: true });
	}
}

const PATHS = {
	now: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 2",
	visits: "M5 5h14v15H5zM5 9.5h14M9 3v4M15 3v4",
	members: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.2.8 3.5 2.8 3.5 5.5",
	visitors: "M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M5 20c0-4 3-6 7-6M18 14v6M15 17h6",
	rules: "M4 5h16v15H4zM4 10h16M9 10v10M14.5 10v10",
	events: "M5 5h14v15H5zM5 9.5h14M9 3v4M15 3v4M12 12.5l1 2 2 .3-1.5 1.4.4 2-1.9-1-1.9 1 .4-2L9 14.8l2-.3z",
	figures: "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6",
	doors: "M6 21V4.5L15 3v18M15 5h3v16M3.5 21h17M11.5 12v1",
	evacuation: "M13 4.5a1.5 1.5 0 1 0 .1 0M5 12l3-4 4 .5 2 4 4 1M12 9l-2.5 5 3.5 2.5V21M9.5 14L8 17.5H4",
	settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
	ok: "M5 12.5l4.5 4.5L19 7.5",
	warn: "M12 4L2.5 20h19zM12 10v4.5M12 17v.5",
	alarm: "M12 3l9 9-9 9-9-9zM12 8v5M12 15.5v.5",
	locked: "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
	unlocked: "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 6.8-1.2",
	off: "M4 4l16 16M8 7a8 8 0 0 0-4 3M12 6c3 0 6 1.5 8 4M7 14a6 6 0 0 1 4-2M12 19v.3",
	edit: "M4 20l1-4L16 5l3 3L8 19z",
	plus: "M12 5v14M5 12h14",
	print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
	down: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
	search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5L20 20",
	left: "M14.5 5l-7 7 7 7",
	right: "M9.5 5l7 7-7 7",
	away: "M5 12h14M13 6l6 6-6 6",
	hidden: "M4 4l16 16M10 6.3c6-1.3 9.5 3 11 5.7-.6 1.1-1.5 2.4-2.7 3.5M6.5 8C5 9 3.8 10.6 3 12c2 3.5 6 7.5 12 5.5",
	clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
	menu: "M4 7h16M4 12h16M4 17h16",
	badge: "M7 3h10v18H7zM10 6h4M12 10.5a2 2 0 1 0 .1 0M9.5 18c0-2 1-3 2.5-3s2.5 1 2.5 3",
	bin: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
};

export function icon(name) {
	return h("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" },
		h("path", { d: PATHS[name] }));
}

// name: what it is called where many are alike; what is read on it stays a part of that.
export function button(label, onclick, { kind = "", sign, name, ...more } = {}) {
	if (name && !name.toLowerCase().includes(label.toLowerCase())) {
		name = label + ", " + name;
	}
	return h("button", { type: "button", class: ("button " + kind).trim(), onclick, "aria-label": name, ...more },
		sign && icon(sign), h("span", null, label));
}

// A state in words with a sign of its own, so that its colour is not needed. tone: ok warn bad quiet
export function tag(text, tone = "quiet", sign = { ok: "ok", warn: "warn", bad: "alarm" }[tone]) {
	return h("span", { class: "tag " + tone }, sign && icon(sign), text);
}

// columns: [{head, cell(item), class?, row? (its heading)}]. Where there is too little room each row
// becomes a small card, unless it is tight; the roles keep it a table for who listens.
export function table(caption, columns, items, { key = (item) => item.id, none, rowClass, tight } = {}) {
	if (!items.length && none) {
		return h("p", { class: "none" }, none);
	}
	const width = tight ? "tight" : columns.length > 5 ? "many" : "few";
	return h("div", { class: "scroll " + width, tabindex: "0", role: "group", "aria-label": caption },
		h("table", { role: "table" },
			h("caption", { class: "unseen" }, caption),
			h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map((column) =>
				h("th", { scope: "col", role: "columnheader", class: column.class }, column.unseen
					? h("span", { class: "unseen" }, column.head) : column.head)))),
			h("tbody", { role: "rowgroup" }, items.map((item) =>
				h("tr", { role: "row", "data-key": String(key(item)), class: rowClass && rowClass(item) }, columns.map((column) =>
					h(column.row ? "th" : "td", {
						scope: column.row && "row", role: column.row ? "rowheader" : "cell", class: column.class,
						 "data-head": column.unseen ? null : column.head,
					}, column.unseen ? h("span", null, column.cell(item)) : column.cell(item))))))));
}

// A pair of a list <dl class=facts>: what it is called, and how it is.
export function fact(name, ...value) {
	return h("div", null, h("dt", null, name), h("dd", null, value));
}

let fields = 0;

// A labelled control. kinds: those of <input>, and select (options: [[value, text]]), area, check
export function field(name, label, { kind = "text", value, options, help, ...more } = {}) {
	const id = "f" + ++fields;
	const common = { id, name, "aria-describedby": help && id + "-help", ...more };
	let control;
	if (kind === "select") {
		control = h("select", common, options.map(([at, text]) =>
			h("option", { value: at, selected: String(at) === String(value ?? "") }, text)));
	} else if (kind === "area") {
		control = h("textarea", { rows: 3, ...common });
		control.value = value ?? "";
	} else if (kind === "check") {
		return h("div", { class: "field check", "data-field": name },
			h("input", { type: "checkbox", ...common, checked: Boolean(value) }),
			h("label", { for: id }, label),
			help && h("p", { class: "help", id: id + "-help" }, help),
			h("p", { class: "wrong", id: id + "-wrong" }));
	} else {
		control = h("input", { type: kind, autocomplete: "off", ...common, value: value ?? "" });
	}
	return h("div", { class: "field", "data-field": name },
		h("label", { for: id }, label),
		control,
		help && h("p", { class: "help", id: id + "-help" }, help),
		h("p", { class: "wrong", id: id + "-wrong" }));
}

// What a form holds: numbers as numbers, boxes as booleans, empty optional fields as null.
export function values(form) {
	const found = {};
	for (const control of form.elements) {
		if (!control.name) {
			continue;
		}
		if (control.type === "checkbox") {
			found[control.name] = control.checked;
		} else if (control.type === "number") {
			found[control.name] = control.value === "" ? null : Number(control.value);
		} else if (control.type !== "radio" || control.checked) {
			found[control.name] = control.value.trim();
		}
	}
	return found;
}

// Puts a refusal beside the field that it names, else at the head of the form.
export function complain(form, problem) {
	for (const control of form.elements) {
		control.removeAttribute("aria-invalid");
	}
	for (const place of form.querySelectorAll(".wrong")) {
		place.textContent = "";
	}
	const general = form.querySelector(".refusal");
	general.hidden = true;
	if (!problem) {
		return;
	}
	const name = (problem.pointer ?? "").replace(/^#?\//, "").split("/").pop();
	const place = name && form.querySelector(`[data-field="${CSS.escape(name)}"]`);
	if (place) {
		const control = place.querySelector("input, select, textarea");
		const wrong = place.querySelector(".wrong");
		wrong.textContent = problem.detail;
		control.setAttribute("aria-invalid", "true");
		control.setAttribute("aria-describedby",
			((control.getAttribute("aria-describedby") ?? "") + " " + wrong.id).trim());
		control.focus();
	} else {
		general.hidden = false;
		general.textContent = problem.detail;
		general.focus();
	}
}

// The first that is to be filled in and is not, as a problem of its own.
function missing(form) {
	const control = [...form.elements].find((one) => one.required && !one.value.trim());
	return control && { detail: t("needed"), pointer: "/" + control.name };
}

// A form that sends itself: send(values) may reject with a Problem, which is shown.
export function form(fieldsOf, { submit, send, kind = "primary", more = [], ...props }) {
	const node = h("form", { novalidate: true, ...props },
		h("p", { class: "refusal", role: "alert", tabindex: "-1", hidden: true }),
		fieldsOf,
		h("div", { class: "actions" },
			h("button", { type: "submit", class: "button " + kind }, submit), more));
	let sending = false;
	node.onsubmit = async (event) => {
		event.preventDefault();
		if (sending) {
			return;
		}
		// A renewal gives this handler to the form that was there before, and keeps that one.
		const shown = event.currentTarget;
		if (missing(shown)) {
			complain(shown, missing(shown));
			return;
		}
		sending = true;
		shown.setAttribute("aria-busy", "true");
		complain(shown, null);
		try {
			await send(values(shown), shown);
		} catch (problem) {
			if (!problem.detail) {
				throw problem;
			}
			complain(shown, problem);
		} finally {
			sending = false;
			shown.removeAttribute("aria-busy");
		}
	};
	return node;
}

// Opens a modal dialog; focus goes back to where it came from when it closes.
export function dialog(title, content, { closed, close: word } = {}) {
	const from = document.activeElement;
	const box = h("dialog", { "aria-labelledby": "dialog-title" },
		h("h2", { id: "dialog-title" }, title),
		content);
	document.body.append(box);
	box.onclose = () => {
		box.remove();
		if (closed) {
			closed();
		}
		const stays = from && from.isConnected && from !== document.body;
		(stays ? from : document.querySelector("main h1")).focus();
	};
	if (word) {
		box.append(h("div", { class: "actions" }, button(word, () => box.close())));
	}
	box.showModal();
	// Where nothing is to be filled in, the key that opened it does not take anything away as well.
	const first = box.querySelector("input, select, textarea") ?? box.querySelector(".danger + .button");
	if (first) {
		first.focus();
	}
	return box;
}
