import { describeSeeds } from './every-seed.ts'

describeSeeds(0, 3)
