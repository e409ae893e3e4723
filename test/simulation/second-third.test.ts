import { describeSeeds } from './every-seed.ts'

describeSeeds(1, 3)
