/** Memory for the room of rows, with the pass over it: made on one thread, and attached by others where it is shared. */
import { bytesFor } from './layout.ts';
import { plainPass, type RoomPass } from './pass.ts';
import { simdMemory, simdPass, type WasmMemory } from './simd.ts';

/** Memory that may be posted to a worker: WebAssembly's, or a plain buffer where there is no SIMD. */
export interface SharedRoom {
  capacity: number;
  memory: WasmMemory | SharedArrayBuffer;
}

/** Room for `capacity` rows. */
export interface RoomMemory {
  readonly capacity: number;
  readonly values: Float64Array;
  readonly pass: RoomPass;
  /** What workers attach to; undefined where it is not shared. */
  readonly posted?: SharedRoom;
}

/** @param simd false: the plain pass, even where there is SIMD. @param capacity is even. */
export function makeRoom(capacity: number, { simd = true, shared = false } = {}): RoomMemory {
  const bytes = bytesFor(capacity);
  const wasm = simd ? simdMemory(bytes, shared) : undefined;
  if (wasm && !shared) {
    return { capacity, values: new Float64Array(wasm.buffer), pass: simdPass(wasm, capacity, shared) };
  }
  if (shared) return attachRoom({ capacity, memory: wasm ?? new SharedArrayBuffer(bytes) });
  const values = new Float64Array(bytes / 8);
  return { capacity, values, pass: plainPass(values, capacity) };
}

/** The same memory, as this thread sees it. */
export function attachRoom(posted: SharedRoom): RoomMemory {
  const { capacity, memory } = posted;
  if ('buffer' in memory) {
    return { capacity, posted, values: new Float64Array(memory.buffer), pass: simdPass(memory, capacity, true) };
  }
  const values = new Float64Array(memory as unknown as ArrayBuffer); // Typed arrays take either.
  return { capacity, posted, values, pass: plainPass(values, capacity) };
}
