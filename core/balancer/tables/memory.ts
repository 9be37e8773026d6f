/**
 * The memory that writer and pickers share: memory of WebAssembly where there is one, so that picks may be functions of it. Even
 * the one load of a region's word is then one instruction (2 ns), where `Atomics.load` is a call into the runtime (8 ns).
 */

import { compile, type Kernel, loadAtomic, locals, number, shiftLeft } from '../wasm-code.ts';

/** What of JavaScript's WebAssembly is used here; no library of types in use declares it. */
declare const WebAssembly:
  | { Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory }
  | undefined;

/** Memory of WebAssembly; it may be posted to a worker. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}

/** What is posted to a worker. */
export type SharedMemory = WasmMemory | SharedArrayBuffer;

const PAGE_BYTES = 65_536;
const MAX_PAGES = 65_536;

/** Memory beyond 4 GiB is plain. @param plain where there is to be no WebAssembly, even if it could be. */
export function makeMemory(bytes: number, plain = typeof WebAssembly === 'undefined'): SharedMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  if (plain || WebAssembly === undefined || pages > MAX_PAGES) return new SharedArrayBuffer(bytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

export function bufferOf(memory: SharedMemory): SharedArrayBuffer {
  return 'buffer' in memory ? memory.buffer : memory;
}

/**
 * Loads one of the words at a place atomically. One for each thread, so that calls of it have one target and are inlined.
 * @param at in bytes.
 */
export function atomicLoad(memory: SharedMemory, at: number, count: number): (index: number) => number {
  if ('buffer' in memory) return compile<{ load(index: number): number }>([loadKernel(at)], memory, true).load;
  const words = new Int32Array(memory, at, count);
  return (index) => Atomics.load(words, index);
}

function loadKernel(at: number): Kernel {
  const parameters = ['index'];
  const { get } = locals(parameters);
  return { name: 'load', parameters, body: loadAtomic(shiftLeft(get('index'), number(2)), at) };
}
