/**
 * The Azure LLM inference trace of 2023 (Azure/AzurePublicDataset, CC BY 4.0): TIMESTAMP,ContextTokens,GeneratedTokens.
 * A request's work is taken to be in proportion to the tokens it generates.
 */
import { CsvTable } from '../traces/csv-table.ts';
import { readText } from '../traces/read-text.ts';
import { MAX_REQUESTS, type TracedArrivals } from './scenario.ts';

const TIME = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d{1,9})?Z?$/;
const MAX_TOKENS = 1e9;

/** The rows of a trace. Times rise from 0. */
export interface LlmTrace {
  name: string;
  atUs: Float64Array;
  tokens: Float64Array;
}

/** @throws ApiError naming every wrong cell with its line. */
export function readAzureLlm(path: string): LlmTrace {
  return parseAzureLlm(readText(path), path);
}

export function parseAzureLlm(text: string, path: string): LlmTrace {
  const table = new CsvTable(text, path, ['TIMESTAMP', 'GeneratedTokens']);
  const { rows } = table;
  if (rows.length > MAX_REQUESTS) table.report(rows[MAX_REQUESTS].line, '', `more than ${MAX_REQUESTS} requests`);
  const [atUs, tokens] = [new Float64Array(rows.length), new Float64Array(rows.length)];
  let latest = Number.NEGATIVE_INFINITY;
  rows.forEach((row, i) => {
    const at = timeUs(row.text('TIMESTAMP'));
    if (Number.isNaN(at))
      row.problem('TIMESTAMP', `'${row.text('TIMESTAMP')}' is not a time (2023-11-16 18:15:46.6805900)`);
    else if (at < latest) row.problem('TIMESTAMP', 'earlier than the row before it');
    else latest = at;
    atUs[i] = at;
    tokens[i] = row.whole('GeneratedTokens', MAX_TOKENS);
  });
  table.done();
  const first = atUs[0];
  for (let i = 0; i < atUs.length; i++) atUs[i] -= first;
  return { name: path, atUs, tokens };
}

/**
 * The first `requests` of a trace, all of them where that is more.
 * @param tokenUs work for each token. @param rate requests a second on average; as recorded where it is not given.
 */
export function tracedArrivals(trace: LlmTrace, tokenUs: number, requests: number, rate?: number): TracedArrivals {
  const count = Math.min(requests, trace.atUs.length);
  const atUs = trace.atUs.slice(0, count);
  const factor = rate === undefined ? 1 : recordedRate(atUs) / rate;
  for (let i = 0; i < count; i++) atUs[i] *= factor;
  // A request that generates nothing is still answered.
  const workUs = Float64Array.from(trace.tokens.subarray(0, count), (tokens) => tokenUs * Math.max(1, tokens));
  return { kind: 'trace', name: trace.name, atUs, workUs };
}

/** Requests a second, on average. */
export function recordedRate(atUs: Float64Array): number {
  return (1e6 * atUs.length) / Math.max(1, atUs[atUs.length - 1]);
}

/** µs, from digits: a date holds milliseconds only. NaN where it is no time. */
function timeUs(text: string): number {
  const [, day, time, fraction = ''] = TIME.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  return 1000 * Date.parse(`${day}T${time}Z`) + Number(`0${fraction}`) * 1e6;
}
