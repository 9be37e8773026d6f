import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { derivePublished, deriveShapes } from '../../../sim/traces/derive-openb.ts';
import { readOpenb } from '../../../sim/traces/openb.ts';
import { openbPublished, openbShapes, openbTrace } from '../../../sim/traces/openb-shapes.ts';
import { sharedPath } from '../../support/shared.ts';

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);

test('OpenB table: 1,213 nodes in 15 shapes with 6,212 GPUs, 8,152 pods in 151 shapes that ask for 6,086.8', () => {
  const { nodes, pods } = openbTrace();
  assert.is(openbShapes().nodes.length, 15);
  assert.is(openbShapes().pods.length, 151);
  assert.is(nodes.length, 1213);
  assert.is(sum(nodes.map(({ gpus }) => gpus)), 6212);
  assert.is(sum(nodes.map(({ cpuMilli }) => cpuMilli)), 107_018_000);
  assert.is(pods.length, 8152);
  assert.is(Math.round(sum(pods.map(({ gpus, gpuMilli }) => gpus * gpuMilli)) / 100), 60_868);
  assert.is(new Set([...nodes, ...pods].map(({ name }) => name)).size, 1213 + 8152);
});

test('OpenB table: names its origin and licence, and stays a few KB', () => {
  for (const { origin, licence } of [openbShapes(), openbPublished()]) {
    assert.match(origin, /Alibaba's clusterdata.*Weng et al\..*ATC 2023/);
    assert.is(licence, 'Apache-2.0');
  }
  for (const [name, limit] of [
    ['openb-shapes.json', 8192],
    ['openb-published.json', 32_768],
  ] as const) {
    const { size } = statSync(new URL(`../../../sim/traces/${name}`, import.meta.url));
    assert.ok(size < limit, `${name} has ${size} bytes`);
  }
});

test('OpenB curves: 131 means for each policy and metric, and the published points lie on them', () => {
  const { arrived_pct, policies, curves } = openbPublished();
  assert.equal(Object.keys(curves).sort(), Object.keys(policies).sort());
  for (const [policy, metrics] of Object.entries(policies)) {
    for (const [metric, { mean }] of Object.entries(metrics) as [keyof typeof metrics, { mean: number[] }][]) {
      const curve = curves[policy][metric];
      assert.is(curve.length, 131);
      arrived_pct.forEach((percent, i) => {
        assert.ok(Math.abs(curve[percent] - mean[i]) < 0.011, `${policy} ${metric} at ${percent}`);
      });
    }
  }
});

test('OpenB published: six policies, three curves of 15 points, FGD at 95.39 % in the end', () => {
  const { arrived_pct, policies } = openbPublished();
  assert.equal(Object.keys(policies).sort(), ['BestFit', 'DotProd', 'FGD', 'GpuClustering', 'GpuPacking', 'Random']);
  for (const curves of Object.values(policies)) {
    for (const { mean, std } of Object.values(curves)) assert.equal([mean.length, std.length], [15, 15]);
  }
  assert.ok(Math.abs(policies.FGD.alloc_pct.mean[arrived_pct.indexOf(130)] - 95.39) < 0.01);
});

const openb = sharedPath('data/traces/openb');
if (openb) {
  test('OpenB table: what the trace gives today is what is committed', () => {
    const trace = readOpenb(join(openb, 'openb_node_list_gpu_node.csv'), join(openb, 'openb_pod_list_default.csv'));
    assert.equal(openbShapes(), deriveShapes(trace));
    assert.equal(openbPublished(), derivePublished(join(openb, 'expected')));
  });
}

test.run();
