// Figures: counts only, drawn and as a table.

import { h, table } from "./dom.js";
import { get, query } from "./api.js";
import { t } from "./words.js";
import { day, shift, time, today } from "./when.js";

// On a narrow screen the drawing has fewer units, so that its letters stay legible.
const NARROW = matchMedia("(max-width: 48rem)");
const HEIGHT = 220;
const LEFT = 34;
const BOTTOM = 26;
const LETTER = 6.2; // at most, in units of the drawing
const KINDS = ["members", "guests", "staff"];

function niceMost(most) {
	const step = 10 ** Math.floor(Math.log10(Math.max(1, most)));
	return [1, 2, 5, 10].map((times) => times * step).find((top) => top >= most);
}

function plot(items, value, label, caption) {
	const most = niceMost(Math.max(4, ...items.map(value)));
	const all = NARROW.matches ? 330 : 640;
	// The last bar stands far enough from the edge for what is written below it.
	const long = Math.max(0, ...items.map((item) => label(item).length)) * LETTER;
	const least = (all - LEFT) / Math.max(1, items.length);
	const wide = (all - LEFT - Math.max(0, (long - least) / 2)) / Math.max(1, items.length);
	const tall = HEIGHT - BOTTOM - 10;
	const y = (count) => 10 + tall * (1 - count / most);
	const every = Math.ceil((long + LETTER) / wide);
	return h("svg", { class: "plot", viewBox: `0 0 ${all} ${HEIGHT}`, role: "img", "aria-label": caption },
		[0, 0.25, 0.5, 0.75, 1].filter((part) => Number.isInteger(part * most)).map((part) => [
			h("line", { class: "grid", x1: LEFT, x2: all, y1: y(part * most), y2: y(part * most) }),
			h("text", { class: "axis", x: LEFT - 6, y: y(part * most) + 4, "text-anchor": "end" }, String(part * most))]),
		items.map((item, index) => [
			h("rect", {
				class: "full", x: LEFT + index * wide + wide * 0.14, width: wide * 0.72, y: y(value(item)), height: y(0) - y(value(item)), rx: Math.min(3, wide * 0.2),
			}, h("title", {}, `${label(item)} – ${value(item)}`)),
			index % every === 0 && h("text", { class: "axis", x: LEFT + (index + 0.5) * wide, y: HEIGHT - 8, "text-anchor": "middle" }, label(item))]));
}

function hourLabel(item) {
	return time(item.at);
}

function dayLabel(item) {
	return day(item.date, false).replace(/,/g, "");
}

function figures(items, head, label) {
	return h("details", null, h("summary", null, t("figures.as_table")),
		table(head, [
			{ head, row: true, cell: label },
			{ head: t("figures.most"), class: "n", cell: (item) => String(item.occupancyMax) },
			{ head: t("view.visits"), class: "n", cell: (item) => String(item.visits) },
			...KINDS.map((kind) => ({ head: t("figures." + kind), class: "n", cell: (item) => String(item[kind]) })),
		], items, { key: (item) => item.at, none: t("figures.none"), tight: true }));
}

export default {
	scopes: ["figures"],
	topics: ["visits"],

	async load(state) {
		state.to = state.search.get("date") || today();
		state.days = Number(state.search.get("days")) || 7;
		const [hours, days] = await Promise.all([
			get("figures" + query({ from: state.to, to: state.to, by: "hour" })),
			get("figures" + query({ from: shift(state.to, 1 - state.days), to: state.to, by: "day" }))]);
		state.hours = hours.items;
		state.byDay = days.items;
	},

	render({ to, days, hours, byDay }) {
		const total = byDay.reduce((sum, item) => sum + item.visits, 0);
		return [
			h("h1", { tabindex: "-1" }, t("view.figures")),
			h("p", { class: "intro" }, t("figures.intro")),
			h("div", { class: "daybar", "data-key": "bar" },
				h("label", { for: "until" }, t("figures.until")),
				h("input", { type: "date", id: "until", "data-key": "until-" + to, value: to, max: today(), onchange: (event) => {
					location.hash = "#/figures" + query({ date: event.target.value, days });
				} }),
				h("label", { for: "days" }, t("figures.span")),
				h("select", { id: "days", onchange: (event) => {
					location.hash = "#/figures" + query({ date: to, days: event.target.value });
				} }, [7, 14, 31, 92].map((count) => h("option", { value: count, selected: count === days }, t("figures.days", count))))),
			h("section", { class: "card", "data-key": "day", "aria-labelledby": "day-title" },
				h("h2", { id: "day-title" }, t("figures.day", day(to))),
				plot(hours, (item) => item.occupancyMax, hourLabel, t("figures.day_plot", day(to))),
				figures(hours, t("figures.hour"), hourLabel)),
			h("section", { class: "card", "data-key": "days", "aria-labelledby": "days-title" },
				h("h2", { id: "days-title" }, t("figures.week", days)),
				h("p", { class: "quiet" }, t("figures.total", total)),
				plot(byDay, (item) => item.visits, dayLabel, t("figures.week_plot", days)),
				h("h3", null, t("figures.week_most")),
				plot(byDay, (item) => item.occupancyMax, dayLabel, t("figures.week_most_plot", days)),
				figures(byDay, t("date"), dayLabel)),
		];
	},
};
