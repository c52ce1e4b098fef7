// How many deliveries may read, encode and convert at the same moment. A delivery that waits for a function lets go of
// its turn meanwhile, so that slow user code holds up nobody's delivery but its own.
#pragma once

#include <semaphore>

namespace millrace::flow {

class Turns {
  public:
    explicit Turns(uint32_t count) : free_(count) {}

    class Taken {
      public:
        explicit Taken(Turns& turns) : turns_(turns) { turns_.free_.acquire(); }
        ~Taken() { turns_.free_.release(); }
        Taken(const Taken&) = delete;
        Taken& operator=(const Taken&) = delete;

      private:
        Turns& turns_;
    };
    // While a Taken of the same thread lives: the turn is another's until the pause ends.
    class Pause {
      public:
        explicit Pause(Turns& turns) : turns_(turns) { turns_.free_.release(); }
        ~Pause() { turns_.free_.acquire(); }
        Pause(const Pause&) = delete;
        Pause& operator=(const Pause&) = delete;

      private:
        Turns& turns_;
    };

  private:
    std::counting_semaphore<> free_;
};

}  // namespace millrace::flow
