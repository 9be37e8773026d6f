/**
 * Cuts the set that is kept in test/vectors/cases from the whole of ../shared/vectors: `node test/vectors/cut.ts`.
 * Of the decision suites every case that shows something new, and an even share of the rest; of the sequences the smallest.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readCases } from '../../sim/replay/read-cases.ts';
import { sharedPath } from '../support/shared.ts';
import { caseFiles } from './suites.ts';

const SHARE_OF_DECISIONS = 0.32;
const SHARE_OF_LARGE_DECISIONS = 0.15;
const SEQUENCES = 5;
/** Bytes of JSON per case from which a decision suite counts as large. */
const LARGE = 40_000;

interface Line {
  text: string;
  features: string[];
}

const folder = sharedPath('vectors');
const target = join(import.meta.dirname, 'cases');
mkdirSync(target, { recursive: true });
let bytes = 0;
for (const file of folder ? caseFiles(folder) : []) {
  const lines: Line[] = [];
  for await (const { case: recorded, expect } of readCases(file)) {
    const { place: _, ...written } = recorded;
    lines.push({ text: JSON.stringify({ ...written, expect }), features: featuresOf(recorded.config, expect) });
  }
  const chosen = basename(file).startsWith('seq-') ? smallest(lines) : cover(lines);
  const packed = gzipSync(chosen.map(({ text }) => `${text}\n`).join(''), { level: 9 });
  writeFileSync(join(target, basename(file)), packed);
  bytes += packed.length;
  console.log(`${basename(file)}: ${chosen.length} of ${lines.length} cases, ${packed.length} bytes`);
}
console.log(`${bytes} bytes`);

/** In their order in the file. */
function smallest(lines: Line[]): Line[] {
  const chosen = new Set([...lines].sort((a, b) => a.text.length - b.text.length).slice(0, SEQUENCES));
  return lines.filter((line) => chosen.has(line));
}

function cover(lines: Line[]): Line[] {
  const size = lines.reduce((sum, { text }) => sum + text.length, 0) / lines.length;
  const share = size > LARGE ? SHARE_OF_LARGE_DECISIONS : SHARE_OF_DECISIONS;
  const seen = new Set<string>();
  return lines.filter(({ features }, i) => {
    const isNew = features.some((feature) => !seen.has(feature));
    for (const feature of features) seen.add(feature);
    return isNew || Math.floor((i + 1) * share) > Math.floor(i * share);
  });
}

/** What a case shows: configured arguments, who rejects with which words, which scores differ, how it ended. */
function featuresOf(config: unknown, expect: unknown): string[] {
  if (typeof expect !== 'object' || expect === null || Array.isArray(expect)) return [];
  const { result, preFilter, filter = {}, scores, argmax, preemption, ...rest } = expect as Record<string, unknown>;
  const features = [`result ${result}`, ...Object.keys(rest).map((key) => `field ${key}`)];
  if (config) features.push(`config ${JSON.stringify(config).replace(/\d+/g, '#').slice(0, 160)}`);
  if (preFilter) features.push(`preFilter ${JSON.stringify(preFilter)}`);
  for (const status of Object.values(filter as object)) features.push(`filter ${JSON.stringify(status)}`);
  if (Array.isArray(argmax) && argmax.length > 1) features.push(`tie of ${Math.min(argmax.length, 4)}`);
  const { plugins = [], nodes = {} } = (scores ?? {}) as { plugins?: string[]; nodes?: Record<string, number[]> };
  plugins.forEach((plugin, p) => {
    if (new Set(Object.values(nodes).map((row) => row[p])).size > 1) features.push(`score ${plugin}`);
  });
  const { candidates = {}, why, bestAnyOf = [] } = (preemption ?? {}) as Record<string, object | undefined>;
  features.push(`why ${why}`, `best ${Math.min((bestAnyOf as unknown[]).length, 3)}`);
  for (const { pdbViolations } of Object.values(candidates)) features.push(`violations ${pdbViolations}`);
  return features;
}
