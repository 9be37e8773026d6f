/**
 * ResourceQuota: what a namespace may use. A request that passes is charged before its object is stored; what objects
 * give back when they go is counted anew by the quota controller. Source: Kubernetes v1.36,
 * apiserver/pkg/admission/plugin/resourcequota/controller.go. There a quota is not usable until its controller has
 * counted it ('status unknown for quota'); here missing figures are counted at once, and spec.hard counts as it is.
 */
import type { KubeObject, ResourceList } from '../../../../core/index.ts';
import { forbidden } from '../../http/status.ts';
import type { ObjectsView } from '../../objects-view.ts';
import type { AdmissionPlugin, AdmissionRequest, AdmissionWriter } from '../admission.ts';
import type { Amount, Amounts } from '../amount.ts';
import { type Evaluator, evaluatorOf } from './evaluators.ts';
import { QuotaLedger } from './ledger.ts';
import { amountsOf, amountsText, difference, listOf, only, type ResourceQuota, sum } from './quota.ts';
import { speaksOf, usedOf } from './usage.ts';

/** @param now milliseconds since 1970. */
export function resourceQuota(view: ObjectsView, writer: AdmissionWriter, now: () => number): AdmissionPlugin {
  const ledger = new QuotaLedger(view, writer);
  return {
    name: 'ResourceQuota',
    validate(request) {
      const { kind, namespace, object, dryRun } = request;
      const evaluator = evaluatorOf(kind.group, kind.plural);
      if (!object || !isCounted(request, evaluator)) return;
      const charge = (quotas: readonly ResourceQuota[]): ResourceQuota[] =>
        charged(quotas, request, object, view, now());
      if (ledger.quotasOf(namespace).length === 0) return;
      if (dryRun) charge(ledger.quotasOf(namespace));
      else return ledger.charge(namespace, charge);
    },
  };
}

/** Whether anything may change for quotas; pods are charged once, when they are made. */
function isCounted({ operation, subresource, kind }: AdmissionRequest, evaluator: Evaluator): boolean {
  if (!kind.namespaced || subresource !== '') return false;
  return operation === 'CREATE' || (operation === 'UPDATE' && evaluator.countsUpdates);
}

/** The quotas that change, with status; throws Forbidden when one of them has not enough left. */
function charged(
  quotas: readonly ResourceQuota[],
  request: AdmissionRequest,
  object: KubeObject,
  view: ObjectsView,
  nowMs: number,
): ResourceQuota[] {
  const { kind, old } = request;
  const evaluator = evaluatorOf(kind.group, kind.plural);
  const interested = quotas.filter((quota) => speaksOf(quota, kind.group, kind.plural, object));
  for (const { metadata, spec } of interested) {
    const measured = new Set(Object.keys(spec?.hard ?? {}).filter((name) => evaluator.measures(name)));
    const why = request.operation === 'CREATE' ? evaluator.constraint?.(object, measured) : undefined;
    if (why) throw refused(request, `failed quota: ${metadata.name}: ${why}`);
  }
  const usage = evaluator.usage(object, nowMs);
  const delta = withoutZeros(old ? difference(usage, evaluator.usage(old, nowMs)) : usage);
  return interested.flatMap((quota) => {
    const hard = amountsOf(quota.spec?.hard);
    const requested = only(delta, hard);
    if (requested.size === 0) return [];
    const before = amountsOf(knownUsage(quota, view, nowMs));
    const used = sum(before, requested);
    checkRoom(quota, request, { hard, requested, before, used });
    return [{ ...quota, status: { ...quota.status, hard: listOf(hard), used: listOf(used) } }];
  });
}

function withoutZeros(amounts: Amounts): Map<string, Amount> {
  return new Map([...amounts].filter(([, { nano }]) => nano !== 0n));
}

/** status.used where it knows every resource of the quota; else counted from the objects there are. */
function knownUsage(quota: ResourceQuota, view: ObjectsView, nowMs: number): ResourceList {
  const used = quota.status?.used ?? {};
  const names = Object.keys(quota.spec?.hard ?? {});
  return names.every((name) => Object.hasOwn(used, name)) ? used : { ...usedOf(quota, view, nowMs), ...used };
}

interface Figures {
  hard: Amounts;
  requested: Amounts;
  before: Amounts;
  used: Amounts;
}

function checkRoom({ metadata }: ResourceQuota, request: AdmissionRequest, figures: Figures): void {
  const { hard, requested, before, used } = figures;
  // What gets less is never too much, even where there is more than the quota allows.
  const more = [...requested.keys()].filter((name) => (requested.get(name)?.nano ?? 0n) > 0n);
  const exceeded = new Set(more.filter((name) => (used.get(name)?.nano ?? 0n) > (hard.get(name)?.nano ?? 0n)));
  if (exceeded.size === 0) return;
  const part = (amounts: Amounts): string => amountsText(only(amounts, exceeded));
  const why = `exceeded quota: ${metadata.name}, requested: ${part(requested)}, used: ${part(before)}, limited: ${part(hard)}`;
  throw refused(request, why);
}

function refused({ kind, name }: AdmissionRequest, why: string): Error {
  return forbidden(kind.group, kind.plural, name, why);
}
