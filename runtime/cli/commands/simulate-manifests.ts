/** `keelson simulate DIR|FILE...`: the pending pods on the nodes of the same manifests. */
import { type PlacedPod, placePending } from '../../../sim/placement/place-pending.ts';
import type { Flags } from '../flags.ts';
import { readInput } from '../manifest-input.ts';
import { formatTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const json = flags.choice('output', ['table', 'json'], 'table') === 'json';
  const { manifests, options } = readInput(flags.words, flags, terminal);
  if (!json) await terminal.write(`seed ${options.seed}\n`);
  const placement = await placePending(manifests, options);
  if (json) {
    await terminal.json(placement);
    return 0;
  }
  const { pods, nodes, running, scheduled, unschedulable, evicted, attempts, hash } = placement;
  if (pods.length > 0) {
    await terminal.write(formatTable(['pod', 'node', 'why not'], pods.map(rowOf), terminal.width));
  } else {
    await terminal.write('no pod is pending\n');
  }
  await terminal.write(
    `\n${nodes} nodes, ${running} pods running; ${scheduled} scheduled, ${unschedulable} not, ${evicted} evicted ` +
      `in ${attempts} attempts\ndecisions ${hash}\n`,
  );
  return 0;
}

function rowOf({ pod, result, node, message = '', nominatedNode }: PlacedPod): string[] {
  const why = nominatedNode ? `${message} (nominated to ${nominatedNode})` : message;
  return [pod, result === 'scheduled' ? (node ?? '') : '-', why];
}
