/**
 * The scripts that decide over slots, each atomic in Redis. A slot is a field in the hash of its user, `<time> <lease>`, and
 * counts while its lease lives: a node holds one lease for all its slots, so that renewing them is one entry, and the slots
 * of a node that is gone are free when its lease has run out. Time is the time of Redis: no two clocks have to agree.
 */

const NOW = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function lives(lease)
  local untilTime = redis.call('ZSCORE', KEYS[1], lease)
  return untilTime and tonumber(untilTime) > now
end
`;

/**
 * Leases, slots of the user; own lease, slot, limit, what to do at the limit, how long to keep the hash, and since when the
 * slot was held before, if it was. Says since when it is held, where it is.
 */
export const CLAIM = `${NOW}
local lease, slot, limit, atLimit, keepMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local since = tonumber(ARGV[6]) or now
if not lives(lease) then return {'lapsed', 0} end
local entries = redis.call('HGETALL', KEYS[2])
local count, oldest, oldestAt = 0, nil, nil
for i = 1, #entries, 2 do
  local at, holder = string.match(entries[i + 1], '^(%d+) (.*)$')
  if not lives(holder) then redis.call('HDEL', KEYS[2], entries[i])
  elseif entries[i] ~= slot then
    count = count + 1
    if oldest == nil or tonumber(at) < oldestAt then oldest, oldestAt = entries[i], tonumber(at) end
  end
end
local lost = ''
if count >= limit and atLimit ~= 'force' then
  if atLimit == 'reject' then
    redis.call('HDEL', KEYS[2], slot)
    return {'full', count}
  end
  redis.call('HDEL', KEYS[2], oldest)
  lost = oldest
end
redis.call('HSET', KEYS[2], slot, since .. ' ' .. lease)
redis.call('PEXPIRE', KEYS[2], keepMs)
return {'taken', lost, since}
`;

/** Leases; own lease, its length. Says whether it was still alive. */
export const RENEW = `${NOW}
if not lives(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
return 1
`;

/** Leases; a lease that begins, its length. */
export const BEGIN_LEASE = `${NOW}
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return 1
`;
