// A field for a person: what is typed is looked for, the answer is one of the list.

import { field, h } from "./dom.js";
import { get, Problem, query } from "./api.js";
import { t } from "./words.js";

const PAUSE_MS = 200;

export function pickPerson(name, label, { kind, value, optional = false } = {}) {
	const list = h("datalist", { id: "people-" + name });
	const known = new Map();
	let timer;
	const node = field(name, label, { list: list.id, help: t("pick.help"), value: value?.name ?? "" });
	if (value) {
		known.set(value.name, value.person);
	}
	const look = async (text) => {
		const { items } = await get("people" + query({ search: text, limit: 12 }));
		const fit = items.filter((one) => !kind || one.kind === kind);
		for (const one of fit) {
			known.set(one.name, one.person);
		}
		list.replaceChildren(...fit.map((one) => h("option", { value: one.name })));
		return fit;
	};
	const input = node.querySelector("input");
	input.oninput = () => {
		clearTimeout(timer);
		timer = setTimeout(() => input.value.trim() && look(input.value.trim()).catch(() => {}), PAUSE_MS);
	};
	node.append(list);
	return {
		node,
		// The person's identity; a name that stands for nobody is refused here, beside the field.
		async value() {
			const text = input.value.trim();
			if (!text && optional) {
				return null;
			}
			if (text && !known.has(text)) {
				const fit = await look(text);
				if (fit.length === 1) {
					return fit[0].person;
				}
			}
			if (!known.has(text)) {
				throw new Problem(422, { detail: t("pick.nobody"), pointer: "/" + name });
			}
			return known.get(text);
		},
	};
}
