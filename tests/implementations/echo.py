"""A command that answers to train the parameters that it was given, or its argument in the place of each."""

from __future__ import annotations

import json
import sys


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"seq": request["seq"]}
        if request["operation"] == "hello":
            answer |= {"protocol": 1, "name": "echo", "capabilities": {"dtypes": ["float32", "float64"]}}
        elif request["operation"] == "train":
            vector = request["parameters"]["vector"]
            answer["parameters"] = [float(sys.argv[1])] * len(vector) if sys.argv[1:] else vector
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
