/**
 * The shape of the project as rules over its imports: which folder may know which, no cycles, no clock, randomness or
 * I/O of its own in core, and a run() at the end of every test file. Each rule is also shown a file that breaks it.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOnly, findCycle, readSources, type Source, sourceOf } from './support/imports.ts';

interface Rule {
  name: string;
  /** What is wrong with this file, if anything. */
  problem(source: Source): string | false | undefined;
  /** A file that breaks the rule. */
  broken: Source;
}

const CORE_PACKAGES = ['fastpriorityqueue', 'msgpackr/pack', 'yaml'];
/** The evaluator's threads are the one place of core that starts anything. */
const CORE_THREADS = /^core\/scheduler\/scan\/parallel\/(pool|worker)\.ts$/;
const AMBIENT =
  /\b(Date\.now|new Date\(\)|Math\.random|performance\.|setTimeout|setInterval|setImmediate|process\.|console\.|crypto\.|fetch\()/;

const rules: Rule[] = [
  {
    name: 'core knows nothing of runtime, sim, bench or test',
    problem: ({ path, imports }) => within(path, 'core') && first(imports, 'runtime', 'sim', 'bench', 'test'),
    broken: sourceOf('core/a.ts', "import { x } from '../sim/x.ts';"),
  },
  {
    name: 'sim knows nothing of runtime',
    problem: ({ path, imports }) => within(path, 'sim') && first(imports, 'runtime'),
    broken: sourceOf('sim/report/a.ts', "import type { X } from '../../runtime/cli/x.ts';"),
  },
  {
    name: 'runtime knows nothing of sim, except the command line',
    problem: ({ path, imports }) => within(path, 'runtime') && !within(path, 'runtime/cli') && first(imports, 'sim'),
    broken: sourceOf('runtime/agent/a.ts', "const x = await import('../../sim/x.ts');"),
  },
  {
    name: 'nobody but tests knows the command line, except the command line',
    problem: ({ path, imports }) => isProduct(path) && !within(path, 'runtime/cli') && first(imports, 'runtime/cli'),
    broken: sourceOf('runtime/agent/a.ts', "import '../cli/keelson.ts';"),
  },
  {
    name: 'the product never imports tests, nor benchmarks, except the command line that runs them',
    problem: ({ path, imports }) =>
      isProduct(path) && first(imports, 'test', ...(within(path, 'runtime/cli') ? [] : ['bench'])),
    broken: sourceOf('sim/a.ts', "import { WORKLOADS } from '../bench/workloads.ts';"),
  },
  {
    name: 'runtime and sim see core through core/index.ts only, runtime through core/objects/index.ts too',
    problem: ({ path, imports }) =>
      (within(path, 'runtime') || within(path, 'sim')) &&
      imports.find(
        (name) =>
          within(name, 'core') &&
          name !== 'core/index.ts' &&
          !(name === 'core/objects/index.ts' && within(path, 'runtime')),
      ),
    broken: sourceOf('sim/a.ts', "import { Random } from '../core/random.ts';"),
  },
  {
    name: 'core/objects imports only itself and the files at the top of core',
    problem: ({ path, imports }) => within(path, 'core/objects') && insideCore(imports, 'core/objects'),
    broken: sourceOf('core/objects/a.ts', "import type { Cluster } from '../cluster/cluster.ts';"),
  },
  {
    name: 'core/cluster knows objects, not the scheduler',
    problem: ({ path, imports }) => within(path, 'core/cluster') && insideCore(imports, 'core/cluster', 'core/objects'),
    broken: sourceOf('core/cluster/a.ts', "import { SKIP } from '../scheduler/framework.ts';"),
  },
  {
    name: 'core/balancer knows objects, not the scheduler',
    problem: ({ path, imports }) =>
      within(path, 'core/balancer') && insideCore(imports, 'core/balancer', 'core/objects'),
    broken: sourceOf('core/balancer/a.ts', "import type { Cluster } from '../cluster/cluster.ts';"),
  },
  {
    name: 'core has no clock, randomness or I/O of its own',
    problem: ({ path, text }) => (within(path, 'core') && AMBIENT.exec(codeOnly(text))?.[0]) || undefined,
    broken: sourceOf('core/a.ts', 'export const now = (): number => Date.now();'),
  },
  {
    name: 'core uses few packages, and of node: only threads, where the scan starts them',
    problem: ({ path, imports }) =>
      within(path, 'core') &&
      imports.find((name) =>
        name.startsWith('node:') || name === 'piscina'
          ? !CORE_THREADS.test(path)
          : !within(name, 'core') && !isProjectFile(name) && !CORE_PACKAGES.includes(name),
      ),
    broken: sourceOf('core/objects/a.ts', "import { readFileSync } from 'node:fs';"),
  },
  {
    name: 'only runtime/node/docker/engine/docker-engine.ts imports dockerode',
    problem: ({ path, imports }) =>
      path !== 'runtime/node/docker/engine/docker-engine.ts' &&
      isProduct(path) &&
      imports.find((name) => name === 'dockerode'),
    broken: sourceOf('runtime/agent/a.ts', "import Docker from 'dockerode';"),
  },
  {
    name: 'flags and environment are read by the command line only, and by scripts that are started themselves',
    problem: ({ path, text }) =>
      (isProduct(path) &&
        !within(path, 'runtime/cli') &&
        !text.includes('if (import.meta.main)') &&
        /\bprocess\.(argv|env)\b/.exec(codeOnly(text))?.[0]) ||
      undefined,
    broken: sourceOf('sim/a.ts', 'export const seed = Number(process.env.SEED);'),
  },
  {
    name: 'every test file calls run()',
    problem: ({ path, text }) =>
      path.endsWith('.test.ts') && !/\.run\(\);\s*$/.test(codeOnly(text)) ? 'run() at the end' : undefined,
    broken: sourceOf('test/a.test.ts', "test('x', () => {});\n// test.run();\n"),
  },
];

const sources = readSources();

for (const { name, problem, broken } of rules) {
  test(`architecture: ${name}`, () => {
    const problems = sources.flatMap((source) => {
      const found = problem(source);
      return found ? [`${source.path}: ${found}`] : [];
    });
    assert.equal(problems, []);
  });
  test(`architecture, shown a file that breaks it: ${name}`, () => {
    assert.ok(problem(broken));
  });
}

test('architecture: no imports in a circle', () => {
  assert.equal(findCycle(sources), undefined);
});

test('architecture: a circle of three files, one link only a type, is found', () => {
  const circle = [
    sourceOf('core/a.ts', "import type { B } from './x/b.ts';"),
    sourceOf('core/x/b.ts', "export { c } from '../c.ts';"),
    sourceOf('core/c.ts', "import './a.ts';"),
  ];
  assert.equal(findCycle(circle), ['core/a.ts', 'core/x/b.ts', 'core/c.ts', 'core/a.ts']);
});

test('architecture: comments and strings are not code', () => {
  assert.not.match(codeOnly("// Date.now\n/* Date.now */ const a = 'Date.now'; `Date.now`;"), /Date/);
  assert.match(codeOnly('const quote = "//"; Date.now();'), /Date\.now/);
});

test('architecture: the sources are there', () => {
  for (const folder of ['core', 'runtime', 'sim', 'test']) {
    assert.ok(
      sources.some(({ path }) => within(path, folder)),
      folder,
    );
  }
});

function within(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

function isProjectFile(name: string): boolean {
  return ['core', 'runtime', 'sim', 'bench', 'test'].some((folder) => within(name, folder));
}

function isProduct(path: string): boolean {
  return within(path, 'core') || within(path, 'runtime') || within(path, 'sim');
}

function first(imports: readonly string[], ...folders: string[]): string | undefined {
  return imports.find((name) => folders.some((folder) => within(name, folder)));
}

/** An import of another folder inside core. */
function insideCore(imports: readonly string[], ...allowed: string[]): string | undefined {
  return imports.find((name) => /^core\/.+\//.test(name) && !allowed.some((folder) => within(name, folder)));
}

test.run();
