/** How long history is kept: by number of revisions and by age, whichever asks for less. */

export interface Retention {
  /** Revisions that stay readable behind the newest. */
  revisions: number;
  /** How long a replaced version stays readable, at least. */
  ms: number;
}

/** As many changes as a cluster of thousands of pods makes in minutes; five minutes are kube-apiserver's own. */
export const DEFAULT_RETENTION: Retention = { revisions: 100_000, ms: 300_000 };

/** Compaction is worth its write from this share of `revisions` on. */
const SLACK = 0.1;
/** Points in time remembered within `ms`. */
const MARKS = 20;

export class RetentionClock {
  private readonly retention: Retention;
  private readonly now: () => number;
  private readonly act: (revision: number) => void;
  private marks: { revision: number; atMs: number }[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** `act` compacts to a revision; `now` in ms never goes back. */
  constructor(retention: Retention, now: () => number, act: (revision: number) => void) {
    this.retention = retention;
    this.now = now;
    this.act = act;
  }

  /** After each write. No timer runs while there is nothing to forget, so an idle store stays idle. */
  wrote(revision: number, compacted: number): void {
    const { revisions, ms } = this.retention;
    const atMs = this.now();
    const last = this.marks.at(-1);
    if (last === undefined || atMs - last.atMs >= ms / MARKS) this.marks.push({ revision, atMs });
    else last.revision = revision;
    if (revision - compacted > revisions * (1 + SLACK)) this.act(revision - revisions);
    if (Number.isFinite(ms)) this.arm();
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private arm(): void {
    const { ms } = this.retention;
    this.timer ??= setTimeout(() => this.expire(), ms + ms / MARKS).unref();
  }

  private expire(): void {
    this.timer = undefined;
    const { ms } = this.retention;
    // A mark holds revisions written up to ms / MARKS after it was made.
    const old = this.marks.findLastIndex(({ atMs }) => this.now() - atMs >= ms + ms / MARKS);
    const mark = this.marks[old];
    this.marks.splice(0, old + 1);
    if (mark !== undefined) this.act(mark.revision);
    if (this.marks.length > 0) this.arm();
  }
}
