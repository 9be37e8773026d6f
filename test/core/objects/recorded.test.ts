/**
 * Real objects: those of the recorded decisions, on which an API server's work was done, and 314 files of public
 * manifests. Nothing good is refused, no field of theirs is unknown, and defaults change only what they should.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorsOf, formatProblem } from '../../../core/errors.ts';
import { applyDefaults, defaultsContext } from '../../../core/objects/defaults.ts';
import { loadBytes } from '../../../core/objects/load.ts';
import type { KubeObject } from '../../../core/objects/types.ts';
import { validate } from '../../../core/objects/validate/validate.ts';
import { sharedPath } from '../../support/shared.ts';

interface Recorded {
  id: string;
  objects: KubeObject[];
  pod?: KubeObject;
}

function* casesOf(suite: string, folder: string): Generator<Recorded> {
  const text = gunzipSync(readFileSync(join(folder, `${suite}.jsonl.gz`))).toString();
  for (const line of text.trim().split('\n')) yield JSON.parse(line);
}

/** What the recorder made on purpose, as its README says, or did not check. */
const ON_PURPOSE = [
  /\.hostPort: duplicate \d+$/,
  /cannot be overcommitted; the limit must be given/,
  /is more than the limit/,
  /operator [GL]t compares whole numbers$/,
  /'-5' is not a label value/,
];

/** All recorded cases, or the cut that the project keeps. */
const vectors = sharedPath('vectors') ?? join(import.meta.dirname, '../../vectors/cases');
for (const suite of ['fit', 'interpod', 'nodeaffinity', 'preemption', 'spread-hard', 'volumes']) {
  test(`the objects of suite ${suite} are good, and defaults find nothing left to do`, () => {
    for (const { id, objects, pod } of casesOf(suite, vectors)) {
      const context = defaultsContext(objects);
      for (const object of pod ? [...objects, pod] : objects) {
        const said = validate(object).problems.map(formatProblem);
        assert.equal(
          said.filter((text) => !ON_PURPOSE.some((known) => known.test(text))),
          [],
          id,
        );
        const filled = applyDefaults(object, context);
        assert.equal(withoutAdmission(filled), withoutAdmission(object), id);
        assert.equal(applyDefaults(filled, context), filled, id);
      }
    }
  });
}

/** The README names two things that were left out: tolerations of lost nodes, and the taint of a cordoned one. */
function withoutAdmission(object: KubeObject): unknown {
  const { spec, ...rest } = object as KubeObject & { spec?: Record<string, unknown> };
  const { tolerations, taints, ...others } = spec ?? {};
  const keep = (list: unknown, keys: readonly string[]): unknown[] =>
    ((list ?? []) as { key?: string }[]).filter(({ key }) => !keys.includes(key ?? ''));
  return {
    ...rest,
    spec: others,
    tolerations: keep(tolerations, ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']),
    taints: keep(taints, ['node.kubernetes.io/unschedulable']),
  };
}

/** Files that are really wrong upstream, and what is wrong with them. */
const WRONG: [RegExp, RegExp][] = [
  [/^kwok-stages\/.*\.output\.yaml$/, /apiVersion: is required$/],
  [/^open-simulator-demo\/application\/simple\/rs-calico\.yaml$/, /:10:1: .*spec\.selector: is required$/],
  [/^scheduler-plugins\/appgroup\/onlineBoutique-appGroup-example\.yaml$/, /:79:21: /],
  [/^scheduler-plugins\/networktopology\/deploy-networktopology-controller\.yaml$/, /metadata\.name: is required$/],
];

const manifests = sharedPath('data/manifests');
if (manifests) {
  test('314 files of public manifests load without a false word', () => {
    let files = 0;
    let objects = 0;
    const wrong = new Set<string>();
    for (const path of walk(manifests)) {
      const name = path.slice(manifests.length + 1);
      const bytes = readFileSync(path);
      const loaded = loadBytes(path.endsWith('.gz') ? gunzipSync(bytes) : bytes, name, { tolerateForeign: true });
      files++;
      objects += loaded.objects.length;
      for (const problem of errorsOf(loaded.problems)) {
        const text = formatProblem(problem);
        assert.ok(
          WRONG.some(([file, message]) => file.test(name) && message.test(text)),
          text,
        );
        wrong.add(name);
      }
      for (const { severity, message } of loaded.problems) {
        if (severity === 'warning') assert.match(message, /^no Kubernetes object|does not live in a namespace/);
      }
    }
    assert.is(files, 314);
    assert.is(wrong.size, 16 + 3);
    assert.ok(objects > 700, `${objects} objects`);
  });
}

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
}

test.run();
