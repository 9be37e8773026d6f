/** `keelson simulate`: manifests, now or over time, traces, the published experiment or a service; which, the flags say. */
import { SERVICE_FLAGS } from '../../../sim/service/flags.ts';
import type { Flags } from '../flags.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** Which flags belong to which way of calling it; the first flag of a way chooses it. */
const WAYS = {
  verify: ['verify', 'data', 'seeds', 'policy', 'threads', 'output'],
  trace: ['nodes', 'pods', 'policy', 'seeds', 'report', 'threads', 'output'],
  service: ['service', ...SERVICE_FLAGS, 'report', 'threads', 'output'],
  cluster: ['scenario', 'events', 'for', 'config', 'decider', 'tie', 'seed', 'strict', 'report', 'output'],
  manifests: ['config', 'decider', 'tie', 'seed', 'strict', 'output'],
} as const;

const CALLED: Record<keyof typeof WAYS, string> = {
  verify: '--verify',
  trace: '--nodes and --pods',
  service: '--service',
  cluster: '--scenario',
  manifests: 'DIR or FILE',
};

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const way = wayOf(flags);
  for (const name of flags.names()) {
    if (WAYS[way].some((allowed) => allowed === name)) continue;
    throw new UsageError(`--${name} does not go with ${CALLED[way]}`, flags.command);
  }
  if (way === 'manifests' || way === 'cluster') {
    if (flags.words.length === 0) {
      throw new UsageError(
        'simulate needs a DIR or FILE, or --service, or --nodes and --pods, or --verify openb',
        flags.command,
      );
    }
    if (way === 'cluster') return (await import('./simulate-cluster.ts')).run(flags, terminal);
    return (await import('./simulate-manifests.ts')).run(flags, terminal);
  }
  flags.noWords();
  if (way === 'service') return (await import('./simulate-service.ts')).run(flags, terminal);
  if (way === 'verify') return (await import('./verify-openb.ts')).run(flags, terminal);
  return (await import('./simulate-openb.ts')).run(flags, terminal);
}

function wayOf(flags: Flags): keyof typeof WAYS {
  if (flags.has('verify')) return 'verify';
  if (flags.has('service')) return 'service';
  if (['scenario', 'events', 'for'].some((name) => flags.has(name))) return 'cluster';
  return flags.has('nodes') || flags.has('pods') ? 'trace' : 'manifests';
}
