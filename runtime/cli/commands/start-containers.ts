/**
 * The part of `keelson start` that needs a Docker Engine: an example in real containers, from `apply` to its end. Where no
 * engine answers, or it has not what is needed, that is said, and the main job stands without it.
 */
import type { LoadCounts } from '../../examples/tour/load.ts';
import type { Step, Tour } from '../../examples/tour/tour.ts';
import { awaitSignal } from '../signals.ts';
import { formatTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** What is printed with -o json. */
export type ContainersOutcome =
  | { engine: string; steps: Step[]; load: LoadCounts; outcome: string; exitCode: number }
  /** Why there was none, or why it ended early. */
  | { skipped: string; exitCode: number };

const REQUESTS_PER_SECOND = 200;
const NO_ENGINE = 'no Docker Engine answers at --docker-host, DOCKER_HOST or /var/run/docker.sock';

/** @param host of the engine; undefined for none. @param off the user wants none. @param say takes lines of the result. */
export async function showContainers(
  { host, off }: { host: string | undefined; off: boolean },
  terminal: Terminal,
  say: (line: string) => Promise<void> | void,
): Promise<ContainersOutcome> {
  if (host !== undefined) {
    await say(`\nThe example of a rollout in real containers, at ${host} (Ctrl-C takes it down)`);
    return tourAt(host, terminal, say);
  }
  const skipped = off ? 'it is turned off' : NO_ENGINE;
  await say(`\nNo example in real containers, as ${skipped}.`);
  return { skipped, exitCode: 0 };
}

async function tourAt(
  host: string,
  terminal: Terminal,
  say: (line: string) => Promise<void> | void,
): Promise<ContainersOutcome> {
  const { takeTour, TourImpossible } = await import('../../examples/tour/tour.ts');
  const early = new AbortController();
  awaitSignal().then((name) => {
    terminal.note(`${name}: the example is taken down first`);
    early.abort(name);
  });
  try {
    const tour = await takeTour({
      host,
      signal: early.signal,
      requestsPerSecond: REQUESTS_PER_SECOND,
      over: ({ what, tookMs }) => terminal.interactive && terminal.note(`  ${what} after ${seconds(tookMs)} s`),
    });
    const outcome = outcomeOf(tour);
    await say(stepsTable(tour, terminal) + outcome);
    return { ...tour, outcome, exitCode: tour.load.failed > 0 ? 1 : 0 };
  } catch (error) {
    if (early.signal.aborted)
      return { skipped: String(early.signal.reason), exitCode: signalCode(early.signal.reason) };
    const skipped = (error as Error).message;
    terminal.note(`keelson: no example in real containers: ${skipped}`);
    return { skipped, exitCode: error instanceof TourImpossible ? 0 : 1 };
  }
}

function signalCode(name: string): number {
  return name === 'SIGINT' ? 130 : 1;
}

function stepsTable({ steps }: Tour, terminal: Terminal): string {
  const rows = steps.map(({ what, tookMs }) => [what, seconds(tookMs)]);
  return formatTable(['step', 'seconds'], rows, terminal.width, ['left', 'right']);
}

function outcomeOf({ load }: Tour): string {
  const { sent, failed, reasons, p50Ms, p99Ms } = load;
  const why = Object.entries(reasons).map(([reason, count]) => `${count} × ${reason}`);
  return (
    `${sent.toLocaleString('en')} requests while every pod was replaced, ${failed} failed` +
    `${failed > 0 ? ` (${why.join(', ')})` : ''}; half were answered within ${p50Ms.toFixed(1)} ms, 99 % within ${p99Ms.toFixed(1)} ms`
  );
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
