/** What `simulate` and `explain` have in common: manifests, configuration and the scheduler's options from the flags. */
import {
  ApiError,
  DECIDER_KINDS,
  errorsOf,
  formatProblem,
  type Problem,
  profilesFromText,
  type TieRule,
} from '../../core/index.ts';
import type { PlacementOptions } from '../../sim/placement/world.ts';
import { type Manifests, readManifests } from '../../sim/traces/manifests.ts';
import { readText } from '../../sim/traces/read-text.ts';
import type { Flags } from './flags.ts';
import type { Terminal } from './terminal.ts';

const TIE_RULES = ['order', 'first', 'random'] as const satisfies readonly TieRule[];
const SEED = 42;
const SHOWN_WARNINGS = 20;

export interface ManifestInput {
  manifests: Manifests;
  options: PlacementOptions;
}

/**
 * Warnings go to stderr. @throws ApiError with every error of every file.
 * @param controlled 'apps/v1 Deployment': workloads whose pods controllers will make.
 */
export function readInput(
  paths: readonly string[],
  flags: Flags,
  terminal: Terminal,
  controlled?: ReadonlySet<string>,
): ManifestInput {
  const decider = flags.choice('decider', DECIDER_KINDS, 'engine');
  const tieRule = flags.choice('tie', TIE_RULES, 'order');
  const seed = flags.whole('seed', SEED);
  const config = flags.text('config');
  const configuration = config === undefined ? undefined : profilesFromText(readText(config), config);
  const manifests = readManifests(paths, { strict: flags.has('strict'), controlled });
  const problems = [...(configuration?.problems ?? []), ...manifests.problems];
  const errors = errorsOf(problems);
  if (errors.length > 0) throw new ApiError('Invalid', errors);
  noteWarnings(problems, terminal);
  return { manifests, options: { decider, tieRule, seed, profiles: configuration?.profiles } };
}

function noteWarnings(warnings: readonly Problem[], terminal: Terminal): void {
  for (const warning of warnings.slice(0, SHOWN_WARNINGS)) terminal.note(formatProblem(warning));
  const rest = warnings.length - SHOWN_WARNINGS;
  if (rest > 0) terminal.note(`and ${rest} more warnings`);
}
