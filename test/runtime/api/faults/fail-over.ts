/**
 * Two clusters on one etcd with the leases that `keelson up` has: the leader is killed at a random moment, and it is measured how
 * long it takes until the other has scheduled a pod, and until its controllers have made a Deployment's.
 *
 *   npx node test/runtime/api/faults/fail-over.ts --rounds 5 [--seed 1]
 */
import { parseArgs } from 'node:util';
import { Random } from '../../../../core/index.ts';
import { deployment, plainPod } from '../../../support/api-server.ts';
import { Etcd } from '../../store/etcd.ts';
import { ask, type Server, start, until } from './on-etcd.ts';

const LIMIT_MS = 15_000;
const PODS = '/api/v1/namespaces/default/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seed: { type: 'string', default: '1' } },
});
const random = new Random(Number(values.seed));
const etcd = await Etcd.start();
let leader = await start(etcd.url, 'default');
let late = 0;
for (let round = 0; round < Number(values.rounds); round++) {
  const next = await start(etcd.url, 'default');
  if (next.leads) throw new Error('two lead');
  // Renewals are two seconds apart: somewhere between two of them.
  await new Promise((resolve) => setTimeout(resolve, random.below(4_000)));
  leader.child.kill('SIGKILL');
  const killedMs = performance.now();
  await ask(next, 'POST', PODS, plainPod(`p${round}`));
  await ask(next, 'POST', DEPLOYMENTS, deployment(`d${round}`, 3));
  const [scheduledMs, madeMs] = await Promise.all([
    since(killedMs, () => isScheduled(next, `p${round}`)),
    since(killedMs, () => isMade(next, `d${round}`)),
  ]);
  if (Math.max(scheduledMs, madeMs) > LIMIT_MS) late++;
  console.log(`round ${round}: scheduled after ${scheduledMs} ms, a Deployment's three pods run after ${madeMs} ms`);
  leader = next;
}
leader.child.kill('SIGKILL');
await etcd.kill();
console.log(`${values.rounds} fail-overs, ${late} later than ${LIMIT_MS} ms`);
process.exitCode = late > 0 ? 1 : 0;

async function since(startMs: number, holds: () => Promise<boolean>): Promise<number> {
  await until('the other does the work', holds);
  return Math.round(performance.now() - startMs);
}

async function isScheduled(server: Server, name: string): Promise<boolean> {
  return (await ask(server, 'GET', `${PODS}/${name}`)).spec?.nodeName !== undefined;
}

async function isMade(server: Server, name: string): Promise<boolean> {
  return (await ask(server, 'GET', `${DEPLOYMENTS}/${name}`)).status?.readyReplicas === 3;
}
