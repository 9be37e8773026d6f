/** What `keelson bench` prints of the benchmarks of the cluster's state: a table of figures. */
import type { StateBench, StateMeasured } from '../../bench/state-benches.ts';
import { wrap } from './help.ts';
import { formatTable } from './table.ts';

export function stateText({ about }: StateBench, measured: StateMeasured, width: number): string {
  const { benchmark, nodes, pods, figures, verified } = measured;
  const rows = figures.map(({ name, unit, median, min, max, reach }) => [
    name,
    whole(median),
    `${whole(min)}-${whole(max)}`,
    unit,
    reach === undefined ? '' : whole(reach),
  ]);
  const lines = [
    ...wrap(`${benchmark}: ${about}`, width),
    `${whole(nodes)} nodes, ${whole(pods)} pods on them${verified ? '' : '; the answers DIFFER'}`,
    formatTable(['figure', 'median', 'min-max', '', 'to reach'], rows, width, RIGHT).trimEnd(),
  ];
  return `${lines.join('\n')}\n\n`;
}

const RIGHT = ['left', 'right', 'right', 'left', 'right'] as const;

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
