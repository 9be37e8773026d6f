/** What a limit of a LimitRange says about one set of requests and limits. Source: Kubernetes v1.36, plugin/pkg/admission/limitranger/admission.go. */
import type { QuantityText } from '../../../../core/index.ts';
import { type Amount, type Amounts, amountOf, amountText } from '../amount.ts';
import type { LimitRangeItem } from './limit-range.ts';

export interface Observed {
  requests: Amounts;
  limits: Amounts;
}

/** Every violated limit in words: 'minimum cpu usage per Container is 100m, but request is 50m'. */
export function violations(item: LimitRangeItem, observed: Observed): string[] {
  const { min = {}, max = {}, maxLimitRequestRatio = {} } = item;
  const check = (list: Record<string, QuantityText>, rule: Rule): string[] =>
    Object.entries(list).flatMap(([name, enforced]) => {
      const request = observed.requests.get(name);
      const limit = observed.limits.get(name);
      return rule(name, item.type, amountOf(enforced), request, limit) ?? [];
    });
  return [...check(min, minimum), ...check(max, maximum), ...check(maxLimitRequestRatio, ratio)];
}

/** Of a claim: only requests count. */
export function claimViolations(item: LimitRangeItem, requests: Amounts): string[] {
  const { min = {}, max = {} } = item;
  const low = Object.entries(min).flatMap(
    ([name, enforced]) => minimum(name, item.type, amountOf(enforced), requests.get(name), undefined) ?? [],
  );
  const high = Object.entries(max).flatMap(
    ([name, enforced]) => requestMaximum(name, item.type, amountOf(enforced), requests.get(name)) ?? [],
  );
  return [...low, ...high];
}

type Rule = (
  name: string,
  type: string,
  enforced: Amount,
  request: Amount | undefined,
  limit: Amount | undefined,
) => string | undefined;

const minimum: Rule = (name, type, enforced, request, limit) => {
  const is = `minimum ${name} usage per ${type} is ${amountText(enforced)}`;
  if (!request) return `${is}.  No request is specified`;
  if (request.nano < enforced.nano) return `${is}, but request is ${amountText(request)}`;
  return limit && limit.nano < enforced.nano ? `${is}, but limit is ${amountText(limit)}` : undefined;
};

const maximum: Rule = (name, type, enforced, request, limit) => {
  const is = `maximum ${name} usage per ${type} is ${amountText(enforced)}`;
  if (!limit) return `${is}.  No limit is specified`;
  if (limit.nano > enforced.nano) return `${is}, but limit is ${amountText(limit)}`;
  return request && request.nano > enforced.nano ? `${is}, but request is ${amountText(request)}` : undefined;
};

function requestMaximum(name: string, type: string, enforced: Amount, request: Amount | undefined): string | undefined {
  const is = `maximum ${name} usage per ${type} is ${amountText(enforced)}`;
  if (!request) return `${is}.  No request is specified`;
  return request.nano > enforced.nano ? `${is}, but request is ${amountText(request)}` : undefined;
}

const ratio: Rule = (name, type, enforced, request, limit) => {
  const is = `${name} max limit to request ratio per ${type} is ${amountText(enforced)}`;
  if (!request || request.nano === 0n) return `${is}, but no request is specified or request is 0`;
  if (!limit || limit.nano === 0n) return `${is}, but no limit is specified or limit is 0`;
  // Compared as whole numbers: limit / request > enforced.
  if (limit.nano * 1_000_000_000n <= enforced.nano * request.nano) return undefined;
  return `${is}, but provided ratio is ${(Number(limit.nano) / Number(request.nano)).toFixed(6)}`;
};
