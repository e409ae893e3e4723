import { createServer, type IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { egress, egressUrl } from '../../server/runtime/egress.ts'

const outgoing = (url: string) => ({ url, headers: { 'webhook-id': 'event_1' }, body: '{"a":"é"}' })
const strangersSay = (...addresses: string[]) => egress({ allowsLoopback: false, resolve: async () => addresses })

const ports = ['', ':80', ':443', ':8443']
/** Every way known to us to write the address of something that is not everybody's. */
const hostile = [
  ...['127.0.0.1', '127.1', '127.0.1', '0x7f.0.0.1', '0x7f000001', '0177.0.0.1', '017700000001', '2130706433'],
  ...['127.255.255.255', '127.0.0.1.', '0', '0.0.0.0', '0x0', '00000000', '0.0.0.1'],
  ...['①②⑦.⓪.⓪.①', '127。0。0。1', '１２７.０.０.１', '127%2e0%2e0%2e1', '%31%32%37.0.0.1'],
  ...['10.0.0.1', '10.255.255.255', '0xa.0.0.1', '012.0.0.1', '167772161', '10.1'],
  ...[
    '172.16.0.1',
    '172.31.255.255',
    '0xac.16.0.1',
    '2886729729',
    '192.168.0.1',
    '192.168.1',
    '3232235521',
    '0xc0a80001',
  ],
  ...[
    '169.254.169.254',
    '169.254.0.1',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '169.254.43518',
    '169.16689662',
  ],
  ...['100.64.0.1', '100.100.100.200', '100.127.255.255', '168.63.129.16', '192.0.0.192', '192.0.0.1'],
  ...['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.255', '192.88.99.1'],
  ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '4294967295', '0xffffffff'],
  ...[
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[0000::0001]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:0:127.0.0.1]',
  ],
  ...[
    '[::ffff:10.0.0.1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:8.8.8.8]',
    '[::127.0.0.1]',
    '[::7f00:1]',
    '[::8.8.8.8]',
  ],
  ...['[64:ff9b::127.0.0.1]', '[64:ff9b::a9fe:a9fe]', '[64:ff9b:1::1]', '[100::1]', '[2001::1]', '[2001:0:7f00:1::]'],
  ...[
    '[2001:db8::1]',
    '[2001:10::1]',
    '[2001:20::1]',
    '[2002:7f00:1::]',
    '[2002:a9fe:a9fe::1]',
    '[2002:808:808::1]',
    '[3fff::1]',
  ],
  ...[
    '[fc00::1]',
    '[fd00::1]',
    '[fd00:ec2::254]',
    '[fdff:ffff::1]',
    '[fe80::1]',
    '[fe80::a9fe:a9fe]',
    '[febf::1]',
    '[fec0::1]',
  ],
  ...['[ff00::1]', '[ff02::1]', '[ff0e::1]', '[4000::1]', '[5f00::1]', '[fe80::1%25eth0]', '[::1%25lo]', '[1::]'],
  ...['localhost', 'LOCALHOST', 'localhost.', 'pay.localhost', 'a.b.localhost.', 'ⓛocalhost', 'localhost.localdomain'],
  ...['metadata', 'metadata.google.internal', 'METADATA.GOOGLE.INTERNAL.', 'instance-data.ec2.internal', 'kubernetes'],
  ...[
    'printer.local',
    'router.lan',
    'nas.home',
    'wiki.corp',
    'db.private',
    'intranet',
    'shop.test',
    'shop.invalid',
    'shop.onion',
  ],
  ...['8.8.8.8.in-addr.arpa', 'home.arpa', 'router.home.arpa', 'a', 'com', 'x.internal', 'x.intranet', 'db.lan.'],
].map((host) => `https://${host}/hooks`)

/** Whatever the host is, these are no addresses to post to. */
const malformed = [
  ...[
    'http://coffee.example/',
    'HTTP://coffee.example/',
    'ftp://coffee.example/',
    'file:///etc/passwd',
    'gopher://coffee.example/',
  ],
  ...[
    'javascript:alert(1)',
    'data:text/plain,hello',
    'ws://coffee.example/',
    'wss://coffee.example/',
    'unix:/var/run/docker.sock',
  ],
  ...['https://user@coffee.example/', 'https://user:word@coffee.example/', 'https://:word@coffee.example/'],
  ...['https://coffee.example/#part', 'https://coffee.example/#', 'https://coffee.example\\@127.0.0.1/'],
  ...[
    'https://',
    'https:///',
    '//coffee.example/',
    'coffee.example',
    '',
    ' ',
    'https://coffee.example:99999/',
    'https://[::1/',
  ],
  ...[
    'https://coffee example/',
    'https://coffee.example\u0000/',
    'https://%00/',
    'https://1.2.3.4.5/',
    'https://256.1.1.1/',
  ],
  `https://coffee.example/${'a'.repeat(2_000)}`,
]
/** What a browser and a person may read apart: the host is what follows. */
const deceptive = [
  'https://127.0.0.1\\.coffee.example/',
  'https://127.0.0.1?.coffee.example/',
  'https:127.0.0.1/',
  'https:/\\127.0.0.1/',
]

describe('the way to an address that a stranger chose', () => {
  it('is tried against more than a hundred and sixty hostile forms', () => {
    expect(new Set([...hostile, ...malformed, ...deceptive]).size).toBeGreaterThan(160)
  })

  it.each([...hostile, ...malformed, ...deceptive])('does not lead to %j', async (url) => {
    expect(egressUrl(url, { allowsLoopback: false })).toBeNull()
    const asked: string[] = []
    const resolve = async (host: string) => {
      asked.push(host)
      return ['8.8.8.8']
    }
    expect(await egress({ allowsLoopback: false, resolve })(outgoing(url))).toEqual({ failure: 'address-refused' })
    expect(asked).toEqual([])
  })

  it.each(hostile.filter((url) => !/localhost/i.test(url.normalize('NFKC'))))(
    'leads nowhere else in development, where the shop is on the same machine: %j',
    (url) => {
      const allowed = egressUrl(url, { allowsLoopback: true })
      expect(allowed === null || /^(127\.|\[::1\])/.test(allowed.hostname)).toBe(true)
    },
  )

  it.each(
    ports.flatMap((port) =>
      ['coffee.example', 'xn--kaffee-9za.example', '8.8.8.8', '[2606:4700::1111]'].map(
        (host) => `https://${host}${port}/hooks?a=b`,
      ),
    ),
  )('may lead to %j', (url) => {
    expect(egressUrl(url, { allowsLoopback: false })?.href).toBe(new URL(url).href)
  })

  it.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['64:ff9b::a9fe:a9fe'],
    ['fd00:ec2::254'],
    ['8.8.8.8', '127.0.0.1'],
    ['2606:4700::1111', '::1'],
  ])('is refused where the name leads to %s %s', async (...addresses) => {
    expect(await strangersSay(...addresses)(outgoing('https://coffee.example/'))).toEqual({
      failure: 'address-refused',
    })
  })

  it('is not known where the name is not', async () => {
    expect(await strangersSay()(outgoing('https://coffee.example/'))).toEqual({ failure: 'name-unknown' })
    const resolve = () => Promise.reject(new Error('no such host'))
    expect(await egress({ allowsLoopback: false, resolve })(outgoing('https://coffee.example/'))).toEqual({
      failure: 'name-unknown',
    })
  })
})

describe('a shop on the same machine, in development', () => {
  const closes: (() => void)[] = []
  afterEach(() => {
    for (const close of closes.splice(0)) close()
  })
  const inDevelopment = egress({ allowsLoopback: true, resolve: () => Promise.reject(new Error('not asked')) })

  async function shop(answers: Parameters<typeof createServer>[1]): Promise<string> {
    const server = createServer(answers as never)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closes.push(() => server.close())
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('a server has a port')
    return `http://shop.localhost:${address.port}/hooks`
  }

  it('is posted to', async () => {
    const heard: { request: IncomingMessage; body: string }[] = []
    const url = await shop(async (request, response) => {
      heard.push({ request, body: Buffer.concat(await request.toArray()).toString() })
      response.writeHead(204).end()
    })
    expect(await inDevelopment(outgoing(url))).toEqual({ status: 204 })
    expect(heard).toMatchObject([
      {
        request: { method: 'POST', url: '/hooks', headers: { 'webhook-id': 'event_1', 'content-length': '10' } },
        body: '{"a":"é"}',
      },
    ])
  })

  it('is believed in its status, and not followed elsewhere', async () => {
    const asked: (string | undefined)[] = []
    const url = await shop((request, response) => {
      asked.push(request.url)
      response.writeHead(302, { location: '/other' }).end()
    })
    expect(await inDevelopment(outgoing(url))).toEqual({ status: 302 })
    expect(asked).toEqual(['/hooks'])
  })

  it('is hung up on where its answer has no end', async () => {
    const { promise: isHungUp, resolve: hangUp } = Promise.withResolvers<void>()
    const url = await shop((_request, response) => {
      response.on('close', hangUp)
      const goOn = (): void => {
        while (!response.destroyed && response.write('a'.repeat(16 * 1024)));
        if (!response.destroyed) response.once('drain', goOn)
      }
      goOn()
    })
    expect(await inDevelopment(outgoing(url))).toEqual({ status: 200 })
    await isHungUp
  })

  it('is not heard where it answers with another protocol, and keeps nobody waiting', async () => {
    const url = await shop((_request, response) => {
      response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
    })
    expect(await inDevelopment(outgoing(url))).toEqual({ failure: 'connection-failed' })
  })

  it('is not heard where it answers with a status that there is not', async () => {
    const url = await shop((_request, response) => response.writeHead(999).end())
    expect(await inDevelopment(outgoing(url))).toEqual({ failure: 'connection-failed' })
  })

  it('is not heard where nobody listens', async () => {
    const url = await shop((_request, response) => response.destroy())
    expect(await inDevelopment(outgoing(url))).toEqual({ failure: 'connection-failed' })
  })
})
