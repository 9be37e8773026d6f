/** A store as plainly as can be: every revision's entries and events, all of them kept. What stores are compared with. */
import type { StoreEntry, TxnRequest, Write } from '../../../runtime/store/store.ts';
import { bytes, textOf } from './requests.ts';

interface State {
  revision: number;
  entries: Map<string, StoreEntry>;
  /** Of this revision. */
  events: { key: string; text: string }[];
}

export class Model {
  readonly states: State[];

  /** `revision`: of the empty store. */
  constructor(revision: number) {
    this.states = [{ revision, entries: new Map(), events: [] }];
  }

  get newest(): State {
    return this.states[this.states.length - 1];
  }

  /** Whether the compares hold. Revisions that come: one for each txn that changes something. */
  txn({ compares, writes }: TxnRequest): boolean {
    const { entries, revision } = this.newest;
    if (compares.some(({ key, modRevision }) => (entries.get(key)?.modRevision ?? 0) !== modRevision)) return false;
    const next: State = { revision: revision + 1, entries: new Map(entries), events: [] };
    for (const write of writes) this.write(next, write);
    if (next.events.length > 0) this.states.push(next);
    return true;
  }

  /** Keys in the order of bytes: 'a=1@5/3', with mod and create revision. */
  list(revision: number, prefix: string, after = ''): string[] {
    const state = this.states.findLast((one) => one.revision <= revision);
    return [...(state?.entries.values() ?? [])]
      .filter(({ key }) => key.startsWith(prefix) && Buffer.compare(bytes(key), bytes(after)) > 0)
      .sort((a, b) => Buffer.compare(bytes(a.key), bytes(b.key)))
      .map(describe);
  }

  /** Of each revision with events of the prefix. */
  eventsAfter(revision: number, prefix: string): { revision: number; text: string }[] {
    return this.states
      .filter((state) => state.revision > revision)
      .map((state) => ({
        revision: state.revision,
        text: state.events
          .filter(({ key }) => key.startsWith(prefix))
          .map(({ text }) => text)
          .join(', '),
      }))
      .filter(({ text }) => text !== '');
  }

  private write(state: State, write: Write): void {
    const was = state.entries.get(write.key);
    const before = was === undefined ? 'nothing' : describe(was);
    if ('delete' in write) {
      if (was === undefined) return;
      state.entries.delete(write.key);
      state.events.push({ key: write.key, text: `delete ${write.key}: ${before}` });
      return;
    }
    const createRevision = was?.createRevision ?? state.revision;
    const entry = { key: write.key, value: write.value, createRevision, modRevision: state.revision };
    state.entries.set(write.key, entry);
    state.events.push({ key: write.key, text: `put ${write.key}: ${before} → ${describe(entry)}` });
  }
}

export function describe(entry: StoreEntry): string {
  return `${textOf(entry)}@${entry.modRevision}/${entry.createRevision}`;
}
