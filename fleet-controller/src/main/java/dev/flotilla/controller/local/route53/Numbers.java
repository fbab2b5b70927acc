package dev.flotilla.controller.local.route53;

/** Reads the numbers and truth values of requests. */
final class Numbers {
    private Numbers() {}

    static int integer(String field, String text) throws ApiRefusal {
        return Math.toIntExact(inRange(field, text, Integer.MIN_VALUE, Integer.MAX_VALUE));
    }

    static long wide(String field, String text) throws ApiRefusal {
        return inRange(field, text, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    static boolean truth(String field, String text) throws ApiRefusal {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw ApiRefusal.invalidInput("Invalid request: " + field + " must be true or false, not " + text);
        };
    }

    private static long inRange(String field, String text, long lowest, long highest) throws ApiRefusal {
        try {
            long number = Long.parseLong(text.strip());
            if (number >= lowest && number <= highest) {
                return number;
            }
        } catch (NumberFormatException noNumber) {
            throw ApiRefusal.invalidInput("Invalid request: " + field + " must be a number, not " + text);
        }
        throw ApiRefusal.invalidInput("Invalid request: " + field + " is out of range: " + text);
    }
}
