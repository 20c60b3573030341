import { nearest } from '../contract/did-you-mean.ts';
import type { Scenario } from './scenario.ts';

/** A name that fits no scenario, and the title that was probably meant. */
export interface UnknownName {
  name: string;
  meant: string | undefined;
}

/** The scenarios that any of the names fits: a title, or a part of `spec/requirement/title`. All of them without names. */
export function selectScenarios(
  scenarios: readonly Scenario[],
  names: readonly string[],
): { selected: readonly Scenario[]; unknown: readonly UnknownName[] } {
  if (names.length === 0) return { selected: scenarios, unknown: [] };
  const fits = (name: string) => {
    const exact = scenarios.filter(({ title }) => fold(title) === fold(name));
    return exact.length > 0 ? exact : scenarios.filter((scenario) => pathOf(scenario).includes(fold(name)));
  };
  const wanted = new Set(names.flatMap(fits));
  const titles = scenarios.map(({ title }) => title);
  return {
    selected: scenarios.filter((scenario) => wanted.has(scenario)),
    unknown: names.filter((name) => fits(name).length === 0).map((name) => ({ name, meant: nearest(name, titles) })),
  };
}

const pathOf = ({ spec, requirement, title }: Scenario) => `${spec}/${fold(requirement)}/${fold(title)}`;
/** File names and titles are the same name here. */
const fold = (text: string) => text.toLowerCase().replace(/[\s_]+/g, '-');
