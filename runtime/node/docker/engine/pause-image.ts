/**
 * The image of sandboxes: one program of a few dozen instructions, which reaps orphans and sleeps. It is written here as
 * machine code, so that no registry and no compiler is needed.
 */
import { pack } from 'tar-stream';
import type { Engine } from './engine.ts';

export const PAUSE_IMAGE = 'keelson-pause:1';

const LOAD_ADDRESS = 0x40_0000;
const FILE_HEADER = 64;
const PROGRAM_HEADER = 56;

/** x86-64: for ever wait4(-1, 0, 0, 0), and ten seconds' nanosleep when there is no child. */
const REAP = [
  ...[0x48, 0xc7, 0xc7, 0xff, 0xff, 0xff, 0xff], // mov rdi, -1
  ...[0x31, 0xf6], // xor esi, esi
  ...[0x31, 0xd2], // xor edx, edx
  ...[0x4d, 0x31, 0xd2], // xor r10, r10
  ...[0xb8, 61, 0, 0, 0], // mov eax, wait4
  ...[0x0f, 0x05], // syscall
  ...[0x48, 0x85, 0xc0], // test rax, rax
];
const SLEEP = [
  ...[0x6a, 0], // push 0: nanoseconds
  ...[0x6a, 10], // push 10: seconds
  ...[0x48, 0x89, 0xe7], // mov rdi, rsp
  ...[0x31, 0xf6], // xor esi, esi
  ...[0xb8, 35, 0, 0, 0], // mov eax, nanosleep
  ...[0x0f, 0x05], // syscall
  ...[0x48, 0x83, 0xc4, 16], // add rsp, 16
];

/** Built once an engine; nothing when it is there. */
export async function ensurePauseImage(engine: Engine, architecture: string): Promise<void> {
  if (await engine.image(PAUSE_IMAGE)) return;
  if (architecture !== 'x86_64') {
    throw new Error(`no sandbox program for ${architecture}: give the engine an image ${PAUSE_IMAGE} that only sleeps`);
  }
  const archive = pack();
  archive.entry({ name: 'pause', mode: 0o755 }, pauseProgram());
  archive.finalize();
  await engine.importImage(archive, PAUSE_IMAGE, ['ENTRYPOINT ["/pause"]']);
}

export function pauseProgram(): Buffer {
  const jumpBytes = 2;
  const reaped = [0x79, 256 - REAP.length - jumpBytes]; // jns: a child was reaped, on to the next
  const again = [0xeb, 256 - REAP.length - SLEEP.length - 2 * jumpBytes]; // jmp
  return programOf([...REAP, ...reaped, ...SLEEP, ...again]);
}

/** An ELF file of these instructions alone. */
export function programOf(instructions: readonly number[]): Buffer {
  const code = Buffer.from(instructions);
  const start = FILE_HEADER + PROGRAM_HEADER;
  const file = Buffer.alloc(start + code.length);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(file); // ELF, 64 bits, little-endian
  file.writeUInt16LE(2, 16); // executable
  file.writeUInt16LE(62, 18); // x86-64
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(LOAD_ADDRESS + start), 24); // entry
  file.writeBigUInt64LE(BigInt(FILE_HEADER), 32); // program headers
  file.writeUInt16LE(FILE_HEADER, 52);
  file.writeUInt16LE(PROGRAM_HEADER, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, FILE_HEADER); // to be loaded
  file.writeUInt32LE(5, FILE_HEADER + 4); // read, execute
  file.writeBigUInt64LE(BigInt(LOAD_ADDRESS), FILE_HEADER + 16);
  file.writeBigUInt64LE(BigInt(LOAD_ADDRESS), FILE_HEADER + 24);
  file.writeBigUInt64LE(BigInt(file.length), FILE_HEADER + 32);
  file.writeBigUInt64LE(BigInt(file.length), FILE_HEADER + 40);
  file.writeBigUInt64LE(4096n, FILE_HEADER + 48);
  code.copy(file, start);
  return file;
}
