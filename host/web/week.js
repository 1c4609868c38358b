// Schedules: the week as a drawing, and as a list that a keyboard can edit.

import { button, h } from "./dom.js";
import { t } from "./words.js";
import { weekday } from "./when.js";

export const DAY = 1440;
export const WEEK = 7 * DAY;

function two(number) {
	return String(number).padStart(2, "0");
}

export function hhmm(minute) {
	return two(Math.floor(minute / 60)) + ":" + two(minute % 60);
}

function minutes(text) {
	const [hours, rest] = text.split(":").map(Number);
	return hours * 60 + rest;
}

// [{from, to}] of the week, as rows {days, from, to} of the same times; to > DAY: on the next day.
export function rowsOf(periods) {
	const rows = [];
	for (const { from, to } of [...periods].sort((a, b) => (a.from % DAY) - (b.from % DAY) || a.from - b.from)) {
		const day = Math.floor(from / DAY);
		const start = from % DAY;
		const end = start + ((to - from + WEEK) % WEEK || WEEK);
		const row = rows.find((one) => one.from === start && one.to === end);
		if (row) {
			row.days.add(day);
		} else {
			rows.push({ days: new Set([day]), from: start, to: end });
		}
	}
	return rows;
}

export function periodsOf(rows) {
	return rows.flatMap(({ days, from, to }) => [...days].map((day) => {
		const start = day * DAY + from;
		const end = start + (to - from);
		return { from: start, to: end > WEEK ? end - WEEK : end };
	})).sort((a, b) => a.from - b.from);
}

// Which days in a row: "Monday to Friday", "Saturday, Sunday".
function daysText(days) {
	const list = [...days].sort();
	const runs = [];
	for (const day of list) {
		const last = runs.at(-1);
		if (last && last[1] === day - 1) {
			last[1] = day;
		} else {
			runs.push([day, day]);
		}
	}
	return runs.map(([first, last]) => first === last ? weekday(first)
		: t(last === first + 1 ? "days.two" : "days.run", weekday(first), weekday(last))).join(", ");
}

export function weekText(periods) {
	const rows = rowsOf(periods);
	return rows.length ? rows.map((row) => t("week.row", daysText(row.days), hhmm(row.from), hhmm(row.to > DAY ? row.to - DAY : row.to)))
		: [t("week.never")];
}

const LEFT = 34;
// On a narrow screen the drawing has fewer units, so that its letters stay legible.
const NARROW = matchMedia("(max-width: 48rem)");
const ROW = 16;

export function weekDrawing(periods, name) {
	const all = NARROW.matches ? 270 : 480;
	const scale = all / DAY;
	const bands = periods.flatMap(({ from, to }) => {
		const end = to <= from ? to + WEEK : to;
		const parts = [];
		for (let at = from; at < end; at = (Math.floor(at / DAY) + 1) * DAY) {
			parts.push([at, Math.min(end, (Math.floor(at / DAY) + 1) * DAY)]);
		}
		return parts;
	});
	return h("svg", { class: "week", viewBox: `0 0 ${LEFT + all + 8} ${7 * ROW + 18}`, role: "img", "aria-label": t("week.drawing", name, weekText(periods).join(" ; ")) },
		Array.from({ length: 7 }, (_, day) => [
			h("text", { class: "axis", x: 0, y: day * ROW + 12 }, weekday(day, true)),
			h("rect", { class: "track", x: LEFT, y: day * ROW + 2, width: all, height: ROW - 4, rx: 2 })]),
		bands.map(([from, to]) => h("rect", {
			class: "full", x: LEFT + (from % DAY) * scale, y: (Math.floor(from / DAY) % 7) * ROW + 2,
			width: (to - from) * scale, height: ROW - 4, rx: 2,
		})),
		[0, 6, 12, 18, 24].map((hour) => [
			h("line", { class: "grid", x1: LEFT + hour * 60 * scale, x2: LEFT + hour * 60 * scale, y1: 0, y2: 7 * ROW }),
			h("text", { class: "axis", x: LEFT + hour * 60 * scale, y: 7 * ROW + 13, "text-anchor": hour === 24 ? "end" : hour ? "middle" : "start" }, two(hour) + ":00")]));
}

// An editor: node, and periods() as it stands.
export function weekEditor(periods, name) {
	const rows = rowsOf(periods);
	const list = h("div", { class: "periods" });
	const drawing = h("div", { class: "drawing" });
	const changed = () => drawing.replaceChildren(weekDrawing(periodsOf(rows), name));
	const rowNode = (row) => {
		const node = h("fieldset", { class: "period" }, h("legend", { class: "unseen" }, t("week.period")),
			h("div", { class: "weekdays" }, Array.from({ length: 7 }, (_, day) => h("label", null,
				h("input", {
					type: "checkbox", checked: row.days.has(day), "aria-label": weekday(day), onchange: (event) => {
						row.days[event.target.checked ? "add" : "delete"](day);
						changed();
					},
				}), h("span", { "aria-hidden": "true" }, weekday(day, true))))),
			h("label", null, t("week.from"), " ", h("input", {
				type: "time", value: hhmm(row.from), onchange: (event) => {
					if (event.target.value) {
						const to = row.to % DAY || DAY;
						row.from = minutes(event.target.value);
						row.to = to > row.from ? to : to + DAY;
						changed();
					}
				},
			})),
			h("label", null, t("week.to"), " ", h("input", {
				type: "time", value: hhmm(row.to % DAY), onchange: (event) => {
					if (event.target.value) {
						const to = minutes(event.target.value) || DAY;
						row.to = to > row.from ? to : to + DAY;
						changed();
					}
				},
			})),
			button(t("remove"), () => {
				rows.splice(rows.indexOf(row), 1);
				node.remove();
				changed();
				(list.querySelector("input") ?? more).focus();
			}, { kind: "small", sign: "bin" }));
		return node;
	};
	const more = button(t("week.add"), () => {
		const row = { days: new Set([0, 1, 2, 3, 4]), from: 8 * 60, to: 20 * 60 };
		rows.push(row);
		const node = rowNode(row);
		list.append(node);
		node.querySelector("input").focus();
		changed();
	}, { sign: "plus" });
	list.append(...rows.map(rowNode));
	changed();
	return { node: h("div", { class: "editor" }, drawing, list, more), periods: () => periodsOf(rows) };
}
