/** Memory for the room of rows, with what goes over it: made on one thread, and attached by others where it is shared. */
import { bytesFor, pairsEnd, RAISE_ROWS } from './layout.ts';
import { plainPass, type RoomPass } from './pass.ts';
import { plainRaise, type Raise, type RaiseInputs } from './raise.ts';
import { simdMemory, simdPass, simdRaise, type WasmMemory } from './simd.ts';

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
  readonly inputs: RaiseInputs;
  readonly raise: Raise;
  /** What workers attach to; undefined where it is not shared. */
  readonly posted?: SharedRoom;
}

/** @param simd false: the plain forms, even where there is SIMD. @param capacity is even. */
export function makeRoom(capacity: number, { simd = true, shared = false } = {}): RoomMemory {
  const bytes = bytesFor(capacity);
  const wasm = simd ? simdMemory(bytes, shared) : undefined;
  if (shared) return attachRoom({ capacity, memory: wasm ?? new SharedArrayBuffer(bytes) });
  return wasm ? simdRoom(capacity, wasm, false) : plainRoom(capacity, new ArrayBuffer(bytes));
}

/** The same memory, as this thread sees it. */
export function attachRoom(posted: SharedRoom): RoomMemory {
  const { capacity, memory } = posted;
  if ('buffer' in memory) return { ...simdRoom(capacity, memory, true), posted };
  return { ...plainRoom(capacity, memory as unknown as ArrayBuffer), posted }; // Typed arrays take either.
}

function simdRoom(capacity: number, memory: WasmMemory, shared: boolean): RoomMemory {
  const inputs = inputsIn(capacity, memory.buffer);
  const pass = simdPass(memory, capacity, shared);
  const raise = simdRaise(memory, inputs, shared);
  return { capacity, values: new Float64Array(memory.buffer), pass, inputs, raise };
}

function plainRoom(capacity: number, buffer: ArrayBuffer): RoomMemory {
  const values = new Float64Array(buffer);
  const inputs = inputsIn(capacity, buffer);
  return { capacity, values, pass: plainPass(values, capacity), inputs, raise: plainRaise(values, inputs) };
}

function inputsIn(capacity: number, buffer: ArrayBuffer): RaiseInputs {
  const at = 8 * pairsEnd(capacity);
  const scores = new Float64Array(buffer, at, RAISE_ROWS);
  return { scores, rejectedBy: new Uint8Array(buffer, at + scores.byteLength, capacity) };
}
