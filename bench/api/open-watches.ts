/** How a part opens its watchers: one way for each protocol. */
import type { UpProcess } from '../../test/runtime/api/faults/up-process.ts';

/** @returns how to close them. @param onEvent called when a watcher has the whole of an event. */
export type OpenWatches = (up: UpProcess, path: string, count: number, onEvent: () => void) => Promise<() => void>;
