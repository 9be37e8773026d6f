/**
 * `npm run kubectl -- [--version 1.31] [--docker] [-o json] [WORD...]`: the matrix of kubectl commands against Keelson, its
 * pods made up or, with --docker, in containers. Words choose the cases whose group or name holds one of them. Closes with
 * `N passed, N failed`.
 */
import { parseArgs } from 'node:util';
import { installedKubectls } from '../support/kubectl.ts';
import { type KubectlVersion, VERSIONS } from './case.ts';
import { chosen } from './choose.ts';
import { runMatrix } from './matrix.ts';
import { matrixText, totalsOf } from './report.ts';

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: 'string', multiple: true },
    output: { type: 'string', short: 'o', default: 'table' },
    telling: { type: 'boolean', default: false },
    docker: { type: 'boolean', default: false },
  },
});
process.exitCode = await main(values.version ?? VERSIONS, values.output);

async function main(versions: readonly KubectlVersion[], output: string): Promise<number> {
  const clients = installedKubectls(versions);
  const groups = chosen({ words, telling: values.telling });
  if (clients.size === 0 || groups.length === 0) {
    console.error(clients.size === 0 ? 'no kubectl to run' : `no case is called ${words.join(' or ')}`);
    return 2;
  }
  const results = await runMatrix({
    groups,
    clients,
    docker: values.docker,
    progress(version, done) {
      const { passed, failed } = totalsOf(done);
      console.error(`kubectl ${version}: ${passed} passed, ${failed} failed`);
    },
  });
  const totals = totalsOf(results);
  if (output === 'json') console.log(JSON.stringify({ versions: [...clients.keys()], totals, results }, null, 2));
  else console.log(`${matrixText(results, [...clients.keys()])}\n${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed > 0 ? 1 : 0;
}
