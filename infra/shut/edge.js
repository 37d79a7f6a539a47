// At every edge of CloudFront, before its cache: passes each request on, or answers it while we are shut.
// infra/template.py writes the page and the problem in. It may hold 10 KB, and has a millisecond.
import cf from 'cloudfront';

const PAGE = "__PAGE__";
const PROBLEM = "__PROBLEM__";
const store = cf.kvs();

async function isShut() {
  try {
    return await store.exists('shut');
  } catch (error) {
    // Nobody shut it by that; and what is shut is shut at the API as well.
    return false;
  }
}

function reply(status, words, headers, body) {
  const named = { 'cache-control': { value: 'no-store' }, 'access-control-allow-origin': { value: '*' } };
  for (const name in headers) {
    named[name] = { value: headers[name] };
  }
  return { statusCode: status, statusDescription: words, headers: named, body: { encoding: 'text', data: body } };
}

async function handler(event) {
  const request = event.request;
  if (!(await isShut())) {
    return request;
  }
  if (request.method === 'OPTIONS') {
    // Or a browser would not let the script of another site read what follows.
    return reply(204, 'No Content', {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'Content-Type, Idempotency-Key, If-None-Match',
    }, '');
  }
  const accept = request.headers.accept ? request.headers.accept.value : '';
  const isPage = accept.includes('text/html');
  return reply(503, 'Service Unavailable', {
    'content-type': isPage ? 'text/html; charset=utf-8' : 'application/problem+json',
    'retry-after': '120',
    'access-control-expose-headers': 'Retry-After',
    'x-content-type-options': 'nosniff',
  }, isPage ? PAGE : PROBLEM);
}
