// JavaScript on purpose: a Node that cannot run TypeScript must be able to run this, to say so.
const majorMin = 24
if (Number(process.versions.node.split('.', 1)[0]) < majorMin) {
  process.stderr.write(
    `Moniker needs Node ${majorMin} or newer and this is ${process.version}: run npm ci, which brings one, then npm start, which uses it.\n`,
  )
  process.exit(1)
}
