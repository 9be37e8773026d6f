/** `keelson simulate --service`: requests under the balancer's policies. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import manifest from '../../../package.json' with { type: 'json' };
import { parseService, type ServiceRequest } from '../../../sim/service/arguments.ts';
import { SERVICE_FLAGS } from '../../../sim/service/flags.ts';
import { milliseconds, renderServicePage, type ServiceReport } from '../../../sim/service/page.ts';
import type { ServiceRun } from '../../../sim/service/result.ts';
import { offeredLoad } from '../../../sim/service/scenario.ts';
import { simulateService } from '../../../sim/service/simulate.ts';
import { summarize } from '../../../sim/service/summary.ts';
import type { Flags } from '../flags.ts';
import { seedsAsText } from '../openb-output.ts';
import { outputFile } from '../output-file.ts';
import { startProgress } from '../progress.ts';
import { scenarioText, serviceAsJson, serviceTable } from '../service-output.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** Traces that have a name, beside a checkout of Keelson. */
const TRACES = new Map([
  [
    'azure-llm-2023',
    resolve(import.meta.dirname, '../../../../shared/data/traces/azure-llm-2023/AzureLLMInferenceTrace_conv.csv'),
  ],
]);
const AZURE_ORIGIN = 'Trace: Azure/AzurePublicDataset, AzureLLMInferenceTrace_conv.csv, 2023. Licence CC BY 4.0.';

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const { service, json, threads, reportPath } = readFlags(flags);
  const { scenario, policies, seeds } = service;
  const say = (line: string): Promise<void> | void => (json ? terminal.note(line) : terminal.write(line + '\n'));
  await say(`seeds ${seedsAsText(seeds)}`);
  await say(`${scenarioText(scenario)}\n`);

  const startedMs = performance.now();
  const progress = await startProgress(terminal, policies.length * seeds.length, 'runs');
  const runs = await simulateService({ scenario, policies, seeds, threads }, ({ policy, seed }, done) =>
    progress.update(done, `${policy}, seed ${seed}`),
  ).finally(() => progress.stop());
  const seconds = (performance.now() - startedMs) / 1000;

  if (reportPath !== undefined) writeFileSync(reportPath, renderServicePage(reportOf(flags, service, runs)));
  if (json) await terminal.json(serviceAsJson(scenario, seeds, runs));
  else await terminal.write(serviceTable(runs, terminal));
  const requests = runs.reduce((sum, one) => sum + one.requests, 0).toLocaleString('en');
  await say(`\n${runs.length} runs, ${requests} requests in ${seconds.toFixed(1)} s on ${threads} threads`);
  if (reportPath !== undefined) await say(`report ${reportPath}`);
  return 0;
}

interface Asked {
  service: ServiceRequest;
  json: boolean;
  threads: number;
  reportPath: string | undefined;
}

/** Wrong flags of all kinds are told together. @throws ApiError */
function readFlags(flags: Flags): Asked {
  const problems: { path: string; message: string; severity: 'error' }[] = [];
  const collect = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push({ path: '', message: error.message, severity: 'error' });
      return otherwise;
    }
  };
  const json = collect(() => flags.choice('output', ['table', 'json'], 'table') === 'json', false);
  const threads = collect(() => flags.whole('threads', availableParallelism(), 1, 256), 1);
  const reportPath = flags.has('report') ? collect(() => outputFile(flags, 'report', ''), '') : undefined;
  const texts = Object.fromEntries(SERVICE_FLAGS.map((name) => [name, flags.text(name)]));
  const service = parseService(texts, (name) => TRACES.get(name) ?? name, problems);
  return { service, json, threads, reportPath };
}

function reportOf(
  flags: Flags,
  { scenario, policies, seeds }: ServiceRequest,
  runs: readonly ServiceRun[],
): ServiceReport {
  const requests = runs[0].requests.toLocaleString('en');
  const best = summarize(runs)
    .filter(({ p99 }) => p99 !== null)
    .sort((a, b) => (a.p99 ?? 0) - (b.p99 ?? 0))[0];
  const trace = flags.text('trace');
  return {
    title: 'A service, policy by policy',
    summary: `${scenarioText(scenario)}. Each request was sent by the picker of Keelson's proxy, on a virtual clock.`,
    madeAt: new Date().toISOString(),
    cards: [
      { label: 'Requests', value: requests, note: 'the same under every policy of a seed' },
      { label: 'Servers', value: String(scenario.servers), note: `${scenario.concurrency} requests at a time each` },
      {
        label: 'Load',
        value: `${(100 * offeredLoad(scenario)).toFixed(0)} %`,
        note: 'work that comes, of what they can do',
      },
      { label: 'Runs', value: String(runs.length), note: `${policies.length} policies × ${seeds.length} seeds` },
      { label: 'Seeds', value: seedsAsText(seeds), note: 'every random choice comes from them' },
      ...(best ? [{ label: 'Lowest p99', value: `${milliseconds(best.p99)} ms`, note: best.policy }] : []),
    ],
    runs,
    reproduce: [commandLine(flags)],
    origin: [
      ...(trace !== undefined && TRACES.has(trace) ? [AZURE_ORIGIN] : []),
      `keelson ${manifest.version}, Node ${process.versions.node}, seeds ${seedsAsText(seeds)}.`,
    ],
  };
}

/** What figures depend on, as it was given. */
function commandLine(flags: Flags): string {
  const given = SERVICE_FLAGS.filter((name) => flags.has(name));
  const words = given.map((name) =>
    flags.text(name) === '' ? `--${name}` : `--${name} ${quoted(flags.text(name) ?? '')}`,
  );
  return ['keelson simulate --service', ...words].join(' ');
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
