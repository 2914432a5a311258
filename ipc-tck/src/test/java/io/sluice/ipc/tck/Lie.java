package io.sluice.ipc.tck;

/// A way of breaking the contract, and the test of the suite that must find it.
enum Lie {
    DROPS_A_MESSAGE("manySmallMessagesArriveInOrderAndOnce"),
    DOUBLES_A_MESSAGE("manySmallMessagesArriveInOrderAndOnce"),
    SWAPS_TWO_MESSAGES("manySmallMessagesArriveInOrderAndOnce"),
    TEARS_LARGE_MESSAGES("aMessageOfAnySizeArrivesWholeHoweverItIsReceived"),
    CUTS_WHAT_IS_TOO_LARGE("aMessageBeyondTheLimitIsRefusedAndNothingOfItArrives"),
    SENDS_ABORTED_CLAIMS("anAbortedClaimLeavesNothing"),
    IS_NEVER_FULL("anOfferIsRefusedWhenThePeerDoesNotReadAndAllAcceptedOnesArrive"),
    SENDS_WHAT_IT_REFUSED("anOfferIsRefusedWhenThePeerDoesNotReadAndAllAcceptedOnesArrive"),
    TIMES_OUT_AT_ONCE("aSendTimesOutWhenThePeerDoesNotReadAndLeavesNothing"),
    THROWS_AT_THE_END("whatWasAcceptedBeforeTheCloseIsReceivedThenTheEndAgainAndAgain"),
    WORKS_AFTER_ITS_CLOSE("everyUseAfterOnesOwnCloseThrowsClosed"),
    LEAVES_THE_INTERRUPT_FLAG("aReceiveCanBeInterruptedAndTheChannelGoesOn"),
    HAS_TWO_OWNERS("aSecondBindIsRefusedAndTheFirstGoesOn"),
    GIVES_UP_AT_ONCE("aConnectBeforeTheBindWaitsForIt"),
    LEAKS_A_THREAD("nothingStaysOfChannelsThatWereClosed"),
    LEAKS_A_DESCRIPTOR("nothingStaysOfChannelsThatWereClosed"),
    BURNS_CPU("receiversSendersAcceptorsAndServersThatWaitCostNoCpu"),
    ALLOCATES("offersAndPollsAllocateNothing"),
    COUNTS_NOTHING("everyMessageIsCountedOnBothSidesAndStillIsAfterTheClose"),
    PROMISES_ANOTHER_PROCESS("messagesOfRandomSizesArriveWholeInASecondJvmAndBack"),
    /// The same tests pass where there is no lie.
    NONE("");

    final String foundBy;

    Lie(String foundBy) {
        this.foundBy = foundBy;
    }
}
