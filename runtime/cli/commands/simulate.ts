/** `keelson simulate`: manifests, traces or the published experiment; which one, the flags say. */
import type { Flags } from '../flags.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** Which flags belong to which way of calling it; the first flag of a way chooses it. */
const WAYS = {
  verify: ['verify', 'data', 'seeds', 'policy', 'threads', 'output'],
  trace: ['nodes', 'pods', 'policy', 'seeds', 'report', 'threads', 'output'],
  manifests: ['config', 'decider', 'tie', 'seed', 'strict', 'output'],
} as const;

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const way = flags.has('verify') ? 'verify' : flags.has('nodes') || flags.has('pods') ? 'trace' : 'manifests';
  for (const name of flags.names()) {
    if (WAYS[way].some((allowed) => allowed === name)) continue;
    const others = { verify: '--verify', trace: '--nodes and --pods', manifests: 'DIR or FILE' };
    throw new UsageError(`--${name} does not go with ${others[way]}`, flags.command);
  }
  if (way === 'manifests') {
    if (flags.words.length === 0) {
      throw new UsageError('simulate needs a DIR or FILE, or --nodes and --pods, or --verify openb', flags.command);
    }
    return (await import('./simulate-manifests.ts')).run(flags, terminal);
  }
  flags.noWords();
  if (way === 'verify') return (await import('./verify-openb.ts')).run(flags, terminal);
  return (await import('./simulate-openb.ts')).run(flags, terminal);
}
