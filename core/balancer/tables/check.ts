/**
 * The tables against what they should say: every region is planned anew from the objects the writer was given and compared
 * word by word, and all memory is accounted for. On in tests and in the simulator, off in production.
 */
import type { BackendEndpoint } from '../endpoint.ts';
import { keyOf } from '../pick/arrange.ts';
import { POLICIES } from '../policies/registry.ts';
import { readAddress } from './address.ts';
import { blockSize } from './arena.ts';
import { ADDRESS, AUX, COUNT, GROUP_WORDS, HEADER_WORDS, OWNER, PORT, SIZE, SLOT_WORDS, SLOTS } from './layout.ts';
import { isSame } from './region.ts';
import { type BalancerTables, planService, type ServiceRecord } from './tables.ts';

/** What is wrong, in words; empty where nothing is. */
export function checkTables(tables: BalancerTables): string[] {
  const problems: string[] = [];
  for (const record of tables.records) if (record) problems.push(...checkService(tables, record));
  return [...problems, ...checkMemory(tables)];
}

function checkService(tables: BalancerTables, record: ServiceRecord): string[] {
  const { name, id, table, writtenUs } = record;
  const region = tables.directory[id];
  if (table === undefined) return region === 0 ? [] : [`service ${name} is gone and has region ${region}`];
  const problems = table.endpoints.flatMap((endpoint) => checkSlot(tables, record, endpoint));
  if (problems.length > 0) return problems;
  const plan = planService(record, table, tables.slots, writtenUs);
  if (!isSame(tables.arenas, region, plan)) return [`service ${name}: region ${region} is not what its endpoints make`];
  const count = plan.groups.reduce((sum, { slots }) => sum + slots.length, 0);
  if (tables.arenas.words[region + COUNT] !== count)
    problems.push(`service ${name}: counts other than ${count} endpoints`);
  plan.groups.forEach(({ code, members }, i) => {
    const addition = POLICIES[code].prepare?.(members, plan.parameters);
    if (addition === undefined) return;
    const words = new Int32Array(addition.words + (addition.words & 1));
    addition.write(words, new Uint16Array(words.buffer), 0);
    const row = region + HEADER_WORDS + GROUP_WORDS * i;
    const [from, to] = [tables.arenas.words[row + AUX], tables.arenas.words[row + SLOTS]];
    if (to - from !== words.length || words.some((word, k) => tables.arenas.words[from + k] !== word)) {
      problems.push(`service ${name}, group ${i}: ${POLICIES[code].name} would build another table`);
    }
  });
  return problems;
}

function checkSlot(tables: BalancerTables, { name, id, slots }: ServiceRecord, endpoint: BackendEndpoint): string[] {
  const slot = slots.get(keyOf(endpoint));
  if (slot === undefined) return [`service ${name}: ${keyOf(endpoint)} has no number`];
  const { rows } = tables.slots;
  const at = SLOT_WORDS * slot;
  const problems: string[] = [];
  if (rows[at + OWNER] !== id + 1)
    problems.push(`endpoint ${slot} is of service ${rows[at + OWNER] - 1}, not of ${name}`);
  const found = keyOf({ ...endpoint, address: readAddress(rows, at + ADDRESS), port: rows[at + PORT] });
  if (found !== keyOf(endpoint)) problems.push(`endpoint ${slot} of ${name} is ${found}, not ${keyOf(endpoint)}`);
  if (tables.draining.has(slot)) problems.push(`endpoint ${slot} of ${name} is there and drains`);
  return problems;
}

/** Regions, waiting blocks and free blocks fill the arena without a gap or an overlap; every slot in use has an owner. */
function checkMemory(tables: BalancerTables): string[] {
  const { words } = tables.arenas;
  const blocks: [number, number][] = [...tables.arena.freeBlocks()];
  for (const region of tables.directory) if (region !== 0) blocks.push([region, blockSize(words[region + SIZE])]);
  for (const { block, words: size } of tables.epochs.waiting) blocks.push([block, blockSize(size)]);
  blocks.sort((a, b) => a[0] - b[0]);
  const problems: string[] = [];
  let end = 2;
  for (const [block, size] of blocks) {
    if (block !== end) problems.push(`arena: a block begins at ${block}, the one before it ends at ${end}`);
    end = block + size;
  }
  if (end !== 2 + tables.arena.extent) problems.push(`arena: blocks end at ${end}, not ${2 + tables.arena.extent}`);
  const known = new Set<number>();
  for (const record of tables.records) for (const slot of record?.slots.values() ?? []) known.add(slot);
  for (let slot = 0; slot < tables.slots.top; slot++) {
    const owned = tables.slots.rows[SLOT_WORDS * slot + OWNER] !== 0;
    if (owned !== known.has(slot))
      problems.push(`endpoint ${slot}: ${owned ? 'nobody knows its owner' : 'is free and known'}`);
  }
  return problems;
}
