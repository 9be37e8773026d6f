/** A progress bar on stderr, only where somebody watches; elsewhere nothing is printed. */
import type { Terminal } from './terminal.ts';

export interface Progress {
  /** @param note what is being worked on, or has just ended. @param total when it was not known before. */
  update(done: number, note: string, total?: number): void;
  stop(): void;
}

export async function startProgress(terminal: Terminal, total: number, unit: string): Promise<Progress> {
  if (!terminal.interactive) return { update: () => {}, stop: () => {} };
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    format: `{bar} {value}/{total} ${unit}, {eta_formatted} left  {note}`,
    stream: terminal.err,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total, 0, { note: '' });
  return {
    update(done, note, total) {
      if (total !== undefined) bar.setTotal(total);
      bar.update(done, { note });
    },
    stop: () => bar.stop(),
  };
}
