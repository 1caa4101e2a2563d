// Boots the directory (PLC), a server of accounts (PDS) and the app view in this one process.
// usage: node boot.mjs PATH_OF_DEV_ENV, with DB_POSTGRES_URL and REDIS_HOST in the environment.
// Prints one line of JSON when all of it is up. POST to `control` answers when the app view has
// taken in all that was told to the server of accounts.
import http from 'node:http'
import net from 'node:net'
import { pathToFileURL } from 'node:url'

// None of it can be told to listen on the loopback only, so all of it is made to.
const { listen } = net.Server.prototype
net.Server.prototype.listen = function (port, ...more) {
  const isOpenToAll = typeof port === 'number' && typeof more[0] !== 'string'
  return listen.call(this, port, ...(isOpenToAll ? ['127.0.0.1'] : []), ...more)
}

const { TestNetwork } = await import(pathToFileURL(process.argv[2]))
const network = await TestNetwork.create({
  dbPostgresSchema: 'network',
  pds: { hostname: 'localhost', rateLimitsEnabled: true },
  bsky: { maxThreadDepth: 10 }, // as the public app view has it; without, there is no limit
})
const control = http.createServer(async (_, answer) => {
  try {
    await network.processAll(60_000)
    answer.end()
  } catch (error) {
    answer.writeHead(500).end(String(error))
  }
})
control.listen(0, '127.0.0.1', () => {
  const { port } = control.address()
  const urls = { server: network.pds.url, appview: network.bsky.url, control: `http://127.0.0.1:${port}` }
  console.log(JSON.stringify(urls))
})
