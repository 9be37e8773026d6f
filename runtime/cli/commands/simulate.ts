/** `keelson simulate`: manifests, traces, the published experiment or a service; which one, the flags say. */
import { SERVICE_FLAGS } from '../../../sim/service/flags.ts';
import type { Flags } from '../flags.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** Which flags belong to which way of calling it; the first flag of a way chooses it. */
const WAYS = {
  verify: ['verify', 'data', 'seeds', 'policy', 'threads', 'output'],
  trace: ['nodes', 'pods', 'policy', 'seeds', 'report', 'threads', 'output'],
  service: ['service', ...SERVICE_FLAGS, 'report', 'threads', 'output'],
  manifests: ['config', 'decider', 'tie', 'seed', 'strict', 'output'],
} as const;

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const way = wayOf(flags);
  for (const name of flags.names()) {
    if (WAYS[way].some((allowed) => allowed === name)) continue;
    const others = { verify: '--verify', trace: '--nodes and --pods', service: '--service', manifests: 'DIR or FILE' };
    throw new UsageError(`--${name} does not go with ${others[way]}`, flags.command);
  }
  if (way === 'manifests') {
    if (flags.words.length === 0) {
      throw new UsageError(
        'simulate needs a DIR or FILE, or --service, or --nodes and --pods, or --verify openb',
        flags.command,
      );
    }
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
  return flags.has('nodes') || flags.has('pods') ? 'trace' : 'manifests';
}
