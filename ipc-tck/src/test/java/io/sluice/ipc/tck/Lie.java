package io.sluice.ipc.tck;

/// A way of breaking the contract.
enum Lie {
    // about messages
    DROPS_A_MESSAGE, DOUBLES_A_MESSAGE, SWAPS_TWO_MESSAGES, TEARS_LARGE_MESSAGES, CUTS_WHAT_IS_TOO_LARGE,
    // about room for them
    SENDS_ABORTED_CLAIMS, IS_NEVER_FULL, SENDS_WHAT_IT_REFUSED, TIMES_OUT_AT_ONCE,
    // about ends
    THROWS_AT_THE_END, WORKS_AFTER_ITS_CLOSE, LEAVES_THE_INTERRUPT_FLAG, HAS_TWO_OWNERS, GIVES_UP_AT_ONCE,
    // about costs
    LEAKS_A_THREAD, LEAKS_A_DESCRIPTOR, BURNS_CPU, ALLOCATES,
    // about itself
    COUNTS_NOTHING, PROMISES_ANOTHER_PROCESS,
    // though it admits that it loses messages
    LOSES_UNCOUNTED, DOUBLES_THE_UNRELIABLE, WAITS_FOR_A_SLOW_RECEIVER,
    // the truth
    NONE;

    /// Whether it says of itself that it loses messages.
    boolean isUnreliable() {
        return this == LOSES_UNCOUNTED || this == DOUBLES_THE_UNRELIABLE || this == WAITS_FOR_A_SLOW_RECEIVER;
    }

    /// The test of the suite that must fail on it, and pass where there is no lie.
    String foundBy() {
        return switch (this) {
            case DROPS_A_MESSAGE, DOUBLES_A_MESSAGE, SWAPS_TWO_MESSAGES -> "manySmallMessagesArriveInOrderAndOnce";
            case TEARS_LARGE_MESSAGES -> "aMessageOfAnySizeArrivesWholeHoweverItIsReceived";
            case CUTS_WHAT_IS_TOO_LARGE -> "aMessageBeyondTheLimitIsRefusedAndNothingOfItArrives";
            case SENDS_ABORTED_CLAIMS -> "anAbortedClaimLeavesNothing";
            case IS_NEVER_FULL, SENDS_WHAT_IT_REFUSED ->
                "anOfferIsRefusedWhenThePeerDoesNotReadAndAllAcceptedOnesArrive";
            case TIMES_OUT_AT_ONCE -> "aSendTimesOutWhenThePeerDoesNotReadAndLeavesNothing";
            case THROWS_AT_THE_END -> "whatWasAcceptedBeforeTheCloseIsReceivedThenTheEndAgainAndAgain";
            case WORKS_AFTER_ITS_CLOSE -> "everyUseAfterOnesOwnCloseThrowsClosed";
            case LEAVES_THE_INTERRUPT_FLAG -> "aReceiveCanBeInterruptedAndTheChannelGoesOn";
            case HAS_TWO_OWNERS -> "aSecondBindIsRefusedAndTheFirstGoesOn";
            case GIVES_UP_AT_ONCE -> "aConnectBeforeTheBindWaitsForIt";
            case LEAKS_A_THREAD, LEAKS_A_DESCRIPTOR -> "nothingStaysOfChannelsThatWereClosed";
            case BURNS_CPU -> "receiversSendersAcceptorsAndServersThatWaitCostNoCpu";
            case ALLOCATES -> "offersAndPollsAllocateNothing";
            case COUNTS_NOTHING -> "everyMessageIsCountedOnBothSidesAndStillIsAfterTheClose";
            case PROMISES_ANOTHER_PROCESS -> "messagesOfRandomSizesArriveWholeInASecondJvmAndBack";
            case LOSES_UNCOUNTED, DOUBLES_THE_UNRELIABLE ->
                "whatArrivesOnAnUnreliableChannelWasSentAndComesOnceAndTheRestIsCounted";
            case WAITS_FOR_A_SLOW_RECEIVER ->
                "aReceiverThatDoesNotReadDelaysNoSenderAndHoldsNoMoreThanItsBound";
            case NONE -> throw new IllegalArgumentException("nothing is to be found");
        };
    }
}
