/**
 * The directory: one word a service, where its region begins. Every pick loads one atomically, and `Atomics.load` is a call
 * into the runtime that V8 does not inline (8 ns); a function of WebAssembly that does nothing else is inlined, and its
 * load is one instruction (2 ns). So the directory is memory of WebAssembly, where there is one.
 */

import { I32, name, PREAMBLE, section } from '../../wasm.ts';

/** What of JavaScript's WebAssembly is used here; no library of types in use declares it. */
declare const WebAssembly:
  | {
      Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => SharedMemory;
      Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      Instance: new (module: object, imports: object) => { readonly exports: { load(service: number): number } };
    }
  | undefined;

/** Memory of WebAssembly; it may be posted to a worker. */
interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

/** What is posted to a worker. */
export type SharedDirectory = SharedMemory | SharedArrayBuffer;

const PAGE_BYTES = 65_536;

/** @param plain where there is to be no WebAssembly, even if it could be. */
export function makeDirectory(services: number, plain = typeof WebAssembly === 'undefined'): SharedDirectory {
  if (plain || WebAssembly === undefined) return new SharedArrayBuffer(4 * services);
  const pages = Math.ceil((4 * services) / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** The words of so many services. */
export function directoryWords(directory: SharedDirectory, services: number): Int32Array {
  return new Int32Array('buffer' in directory ? directory.buffer : directory, 0, services);
}

/** Loads the word of a service atomically. One for each thread, so that calls of it have one target and are inlined. */
export function directoryLoad(directory: SharedDirectory, services: number): (service: number) => number {
  if ('buffer' in directory && WebAssembly !== undefined) {
    const { Module, Instance } = WebAssembly;
    return new Instance(new Module(LOAD), { tables: { directory } }).exports.load;
  }
  const words = directoryWords(directory, services);
  return (service) => Atomics.load(words, service);
}

/** `load`: the i32 at four times its parameter. */
const LOAD_BODY = [
  ...[0], // No locals.
  ...[0x20, 0, 0x41, 2, 0x74], // local.get 0, i32.const 2, i32.shl
  ...[0xfe, 0x10, 2, 0], // i32.atomic.load, aligned to 4 bytes
  0x0b,
];
const LOAD = Uint8Array.from([
  ...PREAMBLE,
  ...section(1, [1, 0x60, 1, I32, 1, I32]), // One type: an i32 gives an i32.
  ...section(2, [1, ...name('tables'), ...name('directory'), 2, 3, 0, 0x80, 0x80, 4]), // Shared memory of up to 65,536 pages.
  ...section(3, [1, 0]),
  ...section(7, [1, ...name('load'), 0, 0]),
  ...section(10, [1, LOAD_BODY.length, ...LOAD_BODY]),
]);
